import {randomBytes} from 'node:crypto';
import {connect} from 'node:net';
import {setTimeout as wait} from 'node:timers/promises';
import type {Text} from '../core/text.js';
import {imapClient, quit, withPassword} from './logins.js';
import {common, fail, pass} from './result.js';
import {addressOf, arrival, sendMessage} from './submission.js';
import type {ProbeHandler} from './types.js';

/** The message that every spam filter knows (GTUBE). Put together here, so that no filter finds it in this program. */
const gtube = ['XJS*C4JDBQADN1.NSBN3*2IDNEN*', 'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'].join('');

/** Milliseconds that a filter may take to start: it compiles its rules first. */
const startTime = 180_000;

/** A message that the filter is there for is refused while it is sent. Should it be taken, it is looked for and removed. */
export const filteredMessage: ProbeHandler<'filtered-message'> = (probe, context) =>
  withPassword(probe, context, async ({user}, password) => {
    const {what} = probe;
    if ('spam' in what && !(await listens(what.spam))) {
      return [fail(probe, {summary: texts.silent, values: {port: what.spam}, remedy: texts.silentRemedy})];
    }

    const mark = randomBytes(12).toString('hex');
    const started = Date.now();
    const name = 'attachment' in what ? `dovetail-test.${what.attachment}` : 'GTUBE';
    const error = await sendMessage(probe, context, {
      user,
      password,
      mark,
      ...('attachment' in what
        ? {
            attachments: [
              {filename: name, content: 'This is no program: dovetail tests whether its name is refused.\n'},
            ],
          }
        : {text: `${gtube}\n`}),
    });
    const code = /\b([45])\d\d[ -]/.exec(error?.message ?? '')?.[1];
    if (code === '5') {
      return [pass(probe, {summary: texts.refused, values: {name}})];
    }

    if (error !== undefined) {
      return [
        fail(probe, {
          summary: texts.otherwise,
          values: {name},
          remedy: common.logRemedy,
          evidence: [error.message],
        }),
      ];
    }

    const client = await imapClient({...probe.imap, name: probe.name}, context.address, user, password);
    try {
      await client.connect();
      await arrival(client, mark, started, ['INBOX', 'Junk']);
    } finally {
      await quit(client);
    }

    return [
      fail(probe, {
        summary: texts.taken,
        values: {name, user: addressOf(probe, user)},
        remedy: 'spam' in what ? texts.silentRemedy : texts.takenRemedy,
      }),
    ];
  });

const listens = async (port: number) => {
  const until = Date.now() + startTime;
  for (;;) {
    const answers = await new Promise<boolean>(resolve => {
      const socket = connect({host: '127.0.0.1', port, timeout: 2000});
      const end = (answer: boolean) => {
        socket.destroy();
        resolve(answer);
      };
      socket.once('connect', () => end(true));
      socket.once('error', () => end(false));
      socket.once('timeout', () => end(false));
    });
    if (answers || Date.now() > until) {
      return answers;
    }

    await wait(500);
  }
};

const texts = {
  refused: {
    en: 'The test message {name} is refused while it is sent.',
    ja: 'テストメール {name} は送信時に拒否されます。',
  },
  otherwise: {
    en: 'The test message {name} could not be sent, and not because of the filter.',
    ja: 'テストメール {name} が、フィルター以外の理由で送信できません。',
  },
  taken: {
    en: 'The test message {name} was taken; it was removed from the mailbox of {user}.',
    ja: 'テストメール {name} が受け付けられました ({user} のメールボックスから削除しました)。',
  },
  takenRemedy: {
    en: 'See whether “postconf mime_header_checks” names /etc/postfix/dovetail_attachments.',
    ja: '「postconf mime_header_checks」に /etc/postfix/dovetail_attachments があるか確認してください。',
  },
  silent: {
    en: 'The spam filter does not answer on port {port} of this machine.',
    ja: '迷惑メールフィルターがポート {port} で応答しません。',
  },
  silentRemedy: {
    en: 'See “systemctl status rspamd” and /var/log/rspamd/rspamd.log.',
    ja: '「systemctl status rspamd」と /var/log/rspamd/rspamd.log を確認してください。',
  },
} satisfies Record<string, Text>;
