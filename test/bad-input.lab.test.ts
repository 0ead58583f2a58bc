import {execFileSync} from 'node:child_process';
import {readFileSync, truncateSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {type LabHost, labReason} from './hosts/host.js';
import {changesSince, stateOf} from './hosts/oracle.js';
import {bootServer} from './hosts/server.js';

const reason = labReason();
const lab = reason === undefined ? test.serial : test.serial.skip;
if (reason !== undefined) {
  console.warn(`skipped: ${reason}`);
}

const dovetail = '/opt/dovetail/dovetail';
const file = '/root/bad.yaml';
const base = readFileSync(new URL('../../examples/first-server.yaml', import.meta.url), 'utf8');
let host: LabHost;
let before: ReadonlyMap<string, string>;

const apply = async (text: string) => {
  host.write(file, text);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', '--answers', file, '--yes']);
  return {exitCode, text: stdout + stderr};
};
/** The example with more under `smtp:`; what is added first stands in line 17. */
const withSmtp = (more: string) => base.replace(/^ {2}admin: .*$/m, `$&\n${more}`);
const lineOf = (text: string, words: string) => text.split('\n').findIndex(line => line.includes(words)) + 1;

lab('a server that is there', async t => {
  t.timeout(600_000);
  execFileSync(process.execPath, [new URL('../../scripts/bundle.mjs', import.meta.url).pathname]);
  host = await bootServer();
  before = await stateOf(host);
  t.truthy(before);
});

const relay = base.replace('  how: direct', '  how: smarthost\n  host: nowhere.invalid');
for (const [name, text, at, words] of [
  [
    'an address with a mask',
    withSmtp('  interfaces: list\n  addresses: [127.0.0.1/32]'),
    'addresses:',
    /no mask/,
  ],
  [
    'an address of another machine',
    withSmtp('  interfaces: list\n  addresses: [192.0.2.77]'),
    'addresses:',
    /not an address/,
  ],
  [
    'the whole Internet',
    withSmtp('  networks:\n    - 10.0.0.0/8\n    - 0.0.0.0/0'),
    'networks:',
    /large part of the Internet/,
  ],
  ['the whole of IPv6', withSmtp("  networks: ['::/0']"), 'networks:', /large part of the Internet/],
  ['a network that is none', withSmtp('  networks: [192.0.2.0/33]'), 'networks:', /./],
  [
    'an alias that is its own target',
    `${base}domains:\n  aliases:\n    - x@example.test=x@example.test\n`,
    'aliases:',
    /Entry 1: .*circle/,
  ],
  ['a control character', `${base}spam:\n  access: ["x\\u0007y"]\n`, 'access:', /control characters/],
] as const) {
  lab(`${name} is refused with the line, and nothing is written`, async t => {
    t.timeout(120_000);
    const {exitCode, text: said} = await apply(text);
    t.is(exitCode, 4, said);
    t.regex(said, words);
    t.true(said.includes(`${file}:${lineOf(text, at)}`), said);
  });
}

lab('a relay that does not resolve is refused before anything is written', async t => {
  t.timeout(120_000);
  const {exitCode, text} = await apply(relay);
  t.is(exitCode, 4, text);
  t.regex(text, /The relay nowhere\.invalid, port 587, cannot be used/);
});

for (const [name, write, words] of [
  ['of 100 MB', () => truncateSync(`${host.tree}${file}`, 100 * 1024 * 1024), /at most 1 MiB/],
  [
    'of bytes that are no text',
    () => writeFileSync(`${host.tree}${file}`, `${base}# caf\u00e9\n`, 'latin1'),
    /not UTF-8/,
  ],
] as const) {
  lab(`an answers file ${name} is refused`, async t => {
    t.timeout(120_000);
    host.write(file, base);
    write();
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['apply', '--answers', file, '--yes']);
    t.is(exitCode, 4, stdout + stderr);
    t.regex(stdout + stderr, words);
  });
}

lab('with lines of Windows and a byte order mark, answers are what they are without', async t => {
  t.timeout(120_000);
  for (const text of [base.replaceAll('\n', '\r\n'), `\ufeff${base}`]) {
    host.write(file, text);
    const {exitCode, stdout, stderr} = await host.run(dovetail, ['plan', '--answers', file]);
    t.is(exitCode, 0, stdout + stderr);
  }
});

lab('networks with host bits are written as networks, which is said with the line', async t => {
  t.timeout(120_000);
  const own = host.address.replace(/\d+$/, '9/24');
  const text = withSmtp(`  networks: [${own}]`);
  host.write(file, text);
  const {exitCode, stdout, stderr} = await host.run(dovetail, ['plan', '--answers', file]);
  t.is(exitCode, 2, stdout + stderr);
  const network = host.address.replace(/\d+$/, '0/24');
  t.true(stdout.includes(`smtp.networks: `) && stdout.includes(`written as ${network}`), stdout);
  t.true(stdout.includes(`${file}:${lineOf(text, 'networks:')}`), stdout);
  t.regex(stdout, new RegExp(`^\\s*\\+mynetworks = .*${network.replaceAll('.', '\\.')}`, 'm'));
});

lab('after all of that the server is what it was', async t => {
  t.timeout(120_000);
  await host.run('rm', [file]);
  t.deepEqual(
    (await changesSince(host, before)).filter(line => !/^\/root:/.test(line)),
    [],
  );
});

test.after.always(async () => host?.stop());
