// Runs in the guest with SELinux as root of a login, and does what the test says: it calls the machine that emulates it, reads one
// order a line, and answers each. Only Node's own parts are used: nothing else of the project is there.
import {spawn} from 'node:child_process';
import {createConnection} from 'node:net';
import {createInterface} from 'node:readline';

/** What the guest is told to run; `file` and `args` as for execFile, the environment is that of a host of the lab. */
export type Order = {
  readonly id: number;
  readonly command: readonly string[];
  readonly input: string;
};

/** How it ended. */
export type Answer = {
  readonly id: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
};

/** As in a host of the lab: what a login of root's has. */
const env = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
};
const port = Number(process.argv[2]);
const socket = createConnection({host: '10.0.2.2', port});
socket.on('error', () => process.exit(1)).on('close', () => process.exit(0));
createInterface({input: socket}).on('line', line => {
  const {id, command, input} = JSON.parse(line) as Order;
  const [file = '', ...args] = command;
  const child = spawn(file, args, {env, cwd: '/root'});
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', chunk => {
    stdout += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', chunk => {
    stderr += chunk;
  });
  const end = (exitCode: number) =>
    void socket.write(`${JSON.stringify({id, stdout, stderr, exitCode} satisfies Answer)}\n`);
  child.on('error', () => end(127)).on('close', code => end(code ?? -1));
  child.stdin.on('error', () => undefined).end(input);
});
