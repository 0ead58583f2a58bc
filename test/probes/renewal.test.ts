import test from 'ava';
import {makeKey} from '../../src/pki/certificate.js';
import {selfSigned} from '../../src/pki/self-signed.js';
import {renewal} from '../../src/probes/renewal.js';
import type {ProbeContext} from '../../src/probes/types.js';

const key = makeKey({algorithm: 'ec-p256'});
const hook = '/etc/letsencrypt/renewal-hooks/deploy/dovetail';
const day = 86_400_000;
/** A certificate that has half a day more than so many days left; fewer than none: its time is over. */
const lasting = (days: number) =>
  selfSigned(
    key,
    {CN: 'mail.example.com'},
    ['mail.example.com'],
    90,
    new Date(Date.now() + (days - 89.5) * day),
  );

type Machine = {
  readonly certificate?: string;
  readonly mode?: number;
  readonly timers?: string;
  readonly applying?: boolean;
  readonly rehearsal?: {readonly exitCode: number; readonly stderr: string};
};

/** What a check says of a machine, as `severity summary remedy` by the last part of its id. */
const said = async (
  own: Readonly<Record<string, unknown>>,
  {certificate, mode = 0o755, timers = 'active', applying = false, rehearsal}: Machine,
) => {
  const asked: string[] = [];
  const context = {
    applying,
    host: {
      files: {
        read: () => (certificate === undefined ? undefined : Buffer.from(certificate)),
        lstat: () => (mode === 0 ? undefined : {type: 'file', mode}),
      },
      run: async (file: string, args: readonly string[]) => {
        asked.push([file, ...args].join(' '));
        return {exitCode: 0, stdout: timers, stderr: '', ...(file.endsWith('certbot') ? rehearsal : {})};
      },
    },
  } as unknown as ProbeContext;
  const findings = await renewal(
    {id: 'renewal', section: 'tls', kind: 'renewal', certificate: '/etc/ssl/server.crt', ...own},
    context,
  );
  return {
    asked,
    of: Object.fromEntries(
      findings.map(({id, severity, summary, remedy}) => [
        id.split(':')[1] ?? 'date',
        `${severity} ${summary.en} ${remedy?.en ?? ''}`,
      ]),
    ),
  };
};

const dateOf = async (days: number, own: Readonly<Record<string, unknown>> = {}) =>
  (await said(own, {certificate: lasting(days)})).of['date'] ?? '';

test('thirty days before the end a certificate that nobody renews by itself is due, and says until when', async t => {
  t.regex(await dateOf(30), /^pass .*good for 30 more days/);
  const until = new Date(Date.now() + 29.5 * day).toISOString().slice(0, 10);
  t.regex(await dateOf(29), new RegExp(`^warning .*ends on ${until}: its renewal is due.*dovetail tls`));
  t.regex(await dateOf(0), /^warning .*its renewal is due/);
  t.regex(await dateOf(-1), /^fail .*ended on \d{4}-\d\d-\d\d: mail programs refuse it.*dovetail tls/);
});

test('what certbot renews is due only once certbot must have failed, and its own words are sent for', async t => {
  t.regex(await dateOf(29, {hook}), /^pass /);
  t.regex(await dateOf(21, {hook}), /^pass /);
  t.regex(await dateOf(20, {hook}), /^warning .*its renewal is due.*should have renewed it.*certbot renew/);
  t.regex(await dateOf(-1, {hook}), /^fail .*mail programs refuse it.*certbot renew/);
});

test('a certificate that nobody serves, or nobody renews, is found before its end', async t => {
  const certificate = lasting(60);
  const good = (await said({hook}, {certificate})).of;
  t.regex(good['hook'] ?? '', /^pass .*is read by the servers/);
  t.regex(good['timer'] ?? '', /^pass /);
  for (const mode of [0, 0o644]) {
    t.regex(
      (await said({hook}, {certificate, mode})).of['hook'] ?? '',
      /^fail .*would not be served.*dovetail tls/,
    );
  }

  const still = await said({hook}, {certificate, timers: 'inactive\nunknown\ninactive'});
  t.regex(still.of['timer'] ?? '', /^warning No timer of certbot.*systemctl enable --now certbot\.timer/);
  t.deepEqual(Object.keys((await said({}, {certificate})).of), ['date']);
});

test('a renewal is rehearsed while the changes are made and never by a check; a rehearsal that fails is told', async t => {
  const certificate = lasting(60);
  const rehearse = {lineage: 'mail.example.com', server: 'https://acme.example.com/dir'};
  const check = await said({hook, rehearse}, {certificate});
  t.false(check.asked.some(line => line.includes('--dry-run')));
  t.is(check.of['rehearsed'], undefined);
  const applied = await said({hook, rehearse}, {certificate, applying: true});
  t.true(
    applied.asked.some(line =>
      /certbot renew --dry-run --cert-name mail\.example\.com .*acme\.example/.test(line),
    ),
  );
  t.regex(applied.of['rehearsed'] ?? '', /^pass /);
  const rehearsal = {exitCode: 1, stderr: 'Saving debug log\nDetail: no valid A records\n'};
  const failed = await said({hook, rehearse}, {certificate, applying: true, rehearsal});
  t.regex(failed.of['rehearsed'] ?? '', /^warning .*rehearsal of its renewal failed.*letsencrypt\.log/);
});

test('a file that cannot be read is not called good, and a request that waits is said beside the date', async t => {
  t.regex((await said({}, {})).of['date'] ?? '', /^unchecked .*cannot be read.*as root/);
  t.regex((await said({}, {certificate: 'none'})).of['date'] ?? '', /^unchecked /);
  const request = '/etc/ssl/dovetail/server.csr';
  const waiting = await said({request}, {certificate: lasting(60)});
  t.regex(waiting.of['date'] ?? '', /^pass /);
  t.regex(waiting.of['waiting'] ?? '', /^warning .*server\.csr has no answer yet.*authority/);
});
