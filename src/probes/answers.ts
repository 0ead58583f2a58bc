import {connect, type NetConnectOpts} from 'node:net';
import {setTimeout as wait} from 'node:timers/promises';

/**
 * Whether something takes a connection here, asked again until the time is over (milliseconds). `question` and `answer`: what
 * it must say to what; without them, that it is there is enough.
 */
export const answers = async (
  where: NetConnectOpts,
  time: number,
  {question, answer}: {readonly question?: string; readonly answer?: string} = {},
): Promise<boolean> => {
  const until = Date.now() + time;
  for (;;) {
    if (await once(where, Math.max(2000, until - Date.now()), question, answer)) {
      return true;
    }

    if (Date.now() > until) {
      return false;
    }

    await wait(500);
  }
};

const once = (where: NetConnectOpts, time: number, question = '', answer = '') =>
  new Promise<boolean>(resolve => {
    // Who is asked nothing answers at once or never; who is asked may have to load much first.
    const socket = connect({...where, timeout: answer === '' ? 2000 : time});
    let heard = '';
    const end = (said: boolean) => {
      socket.destroy();
      resolve(said);
    };
    socket.setEncoding('latin1');
    socket.once('connect', () => {
      if (answer === '') {
        end(true);
      } else {
        socket.write(question);
      }
    });
    socket.on('data', (chunk: string) => {
      heard = (heard + chunk).slice(-1024);
      if (heard.includes(answer)) {
        end(true);
      }
    });
    socket.once('close', () => end(false));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
