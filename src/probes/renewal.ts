import {X509Certificate} from 'node:crypto';
import {letsEncrypt} from '../core/acme.js';
import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import type {Text} from '../core/text.js';
import {pkiLimit} from '../pki/inspect.js';
import type {Host} from '../system/types.js';
import {fail, pass, unchecked, warning} from './result.js';
import type {ProbeHandler} from './types.js';

type RenewalProbe = Extract<Probe, {kind: 'renewal'}>;

/** Days before the end from which on a renewal is due. certbot renews 30 days before: at 21 it has failed nine times. */
const due = {certbot: 21, byHand: 30};

/** The certificate in the file is good for a while yet, and what renews it is at work. */
export const renewal: ProbeHandler<'renewal'> = async (probe, {host, applying}) => {
  const values = {file: probe.certificate, hook: probe.hook ?? '', request: probe.request ?? ''};
  const certificate = certificateAt(host, probe.certificate);
  if (certificate === undefined) {
    return [unchecked(probe, {summary: texts.unread, values, remedy: texts.unreadRemedy})];
  }

  const days = Math.floor((Date.parse(certificate.validTo) - Date.now()) / 86_400_000);
  const shown = {...values, days, until: new Date(certificate.validTo).toISOString().slice(0, 10)};
  return [
    days < 0
      ? fail(probe, {summary: texts.over, values: shown, remedy: remedyOf(probe)})
      : days < (probe.hook === undefined ? due.byHand : due.certbot)
        ? warning(probe, {summary: texts.due, values: shown, remedy: remedyOf(probe)})
        : pass(probe, {summary: texts.good, values: shown}),
    ...(probe.request !== undefined && certificate.issuer === certificate.subject
      ? [
          warning(
            {...probe, id: `${probe.id}:waiting`},
            {summary: texts.waiting, values: shown, remedy: texts.waitingRemedy},
          ),
        ]
      : []),
    ...(probe.hook === undefined ? [] : await certbotFindings(probe, probe.hook, host, shown)),
    // Later, certbot's timer does nothing else; a check must not go to the authority each time.
    ...(probe.rehearse === undefined || !applying ? [] : await rehearsed(probe, probe.rehearse, host, shown)),
  ];
};

/** certbot(1) renews as it will by itself, but keeps nothing of it (`--dry-run`): what it noted of how to renew is right. */
const rehearsed = async (
  probe: RenewalProbe,
  {lineage, server}: NonNullable<RenewalProbe['rehearse']>,
  {run}: Host,
  values: Readonly<Record<string, string | number>>,
): Promise<readonly Finding[]> => {
  const own = {...probe, id: `${probe.id}:rehearsed`};
  const {exitCode, stdout, stderr} = await run(
    '/usr/bin/certbot',
    [
      ...['renew', '--dry-run', '--cert-name', lineage, '--no-random-sleep-on-renew'],
      // Let's Encrypt has an authority for rehearsals, which certbot knows; any other is its own, and has to be named.
      ...(server === letsEncrypt ? [] : ['--server', server]),
    ],
    {timeout: 300_000},
  );
  return [
    exitCode === 0
      ? pass(own, {summary: texts.rehearsed, values})
      : warning(own, {
          summary: texts.unrehearsed,
          values,
          remedy: texts.unrehearsedRemedy,
          evidence: `${stdout}\n${stderr}`
            .split('\n')
            .filter(line => /error|Detail|fail/i.test(line))
            .slice(0, 3),
        }),
  ];
};

// Renewed by nobody, or renewed and never read again: both show only months later.
const certbotFindings = async (
  probe: RenewalProbe,
  hook: string,
  host: Host,
  values: Readonly<Record<string, string | number>>,
): Promise<readonly Finding[]> => {
  const stat = host.files.lstat(hook);
  const timers = ['certbot.timer', 'certbot-renew.timer', 'snap.certbot.renew.timer'];
  const {stdout} = await host.run('/usr/bin/systemctl', ['is-active', '--', ...timers]);
  return [
    stat?.type === 'file' && (stat.mode & 0o100) !== 0
      ? pass({...probe, id: `${probe.id}:hook`}, {summary: texts.hook, values})
      : fail({...probe, id: `${probe.id}:hook`}, {summary: texts.noHook, values, remedy: texts.noHookRemedy}),
    stdout.split('\n').includes('active')
      ? pass({...probe, id: `${probe.id}:timer`}, {summary: texts.timer, values})
      : warning(
          {...probe, id: `${probe.id}:timer`},
          {summary: texts.noTimer, values, remedy: texts.noTimerRemedy},
        ),
  ];
};

const certificateAt = ({files}: Host, path: string) => {
  try {
    return new X509Certificate(files.read(path, {follow: true, limit: pkiLimit}) ?? '');
  } catch {
    return undefined;
  }
};

const remedyOf = ({hook}: RenewalProbe) => (hook === undefined ? texts.renewByHand : texts.renewByCertbot);

const texts = {
  good: {
    en: 'The certificate {file} is good for {days} more days.',
    ja: '証明書 {file} の有効期間はあと {days} 日です。',
  },
  due: {
    en: 'The certificate {file} ends on {until}: its renewal is due.',
    ja: '証明書 {file} は {until} に失効します。更新の時期です。',
  },
  over: {
    en: 'The certificate {file} ended on {until}: mail programs refuse it.',
    ja: '証明書 {file} は {until} に失効しており、メールソフトが拒否します。',
  },
  renewByHand: {
    en: 'Run “dovetail tls”: a self-signed one is made anew; for others, name the new files.',
    ja: '「dovetail tls」を実行してください。自己署名なら作り直し、それ以外は新しいファイルを指定します。',
  },
  renewByCertbot: {
    en: 'certbot should have renewed it by now: “certbot renew” says what is in its way.',
    ja: 'certbot が更新済みのはずです。「certbot renew」で原因を確認してください。',
  },
  unread: {
    en: 'Until when the certificate {file} is good: it cannot be read.',
    ja: '証明書 {file} を読み取れないため、有効期間を確認できません。',
  },
  unreadRemedy: {en: 'Run this check as root.', ja: 'root でこの確認を実行してください。'},
  waiting: {
    en: 'The request {request} has no answer yet: the server shows a self-signed certificate.',
    ja: '申請 {request} への回答はまだで、自己署名の証明書を提示しています。',
  },
  waitingRemedy: {
    en: 'Send it to the authority if that was not done; when the answer is there, “dovetail tls”.',
    ja: 'まだなら認証局に送り、回答が届いたら「dovetail tls」を実行してください。',
  },
  hook: {
    en: 'A renewed certificate is read by the servers ({hook}).',
    ja: '証明書が更新されると、サーバーに読み込まれます ({hook})。',
  },
  noHook: {
    en: 'A renewed certificate would not be served: {hook} is not there, or cannot be run.',
    ja: '{hook} がないか実行できないため、更新した証明書が提示されません。',
  },
  noHookRemedy: {en: 'Put it there: “dovetail tls”.', ja: '「dovetail tls」で作成してください。'},
  rehearsed: {
    en: 'A renewal was rehearsed with the authority, and would succeed.',
    ja: '認証局との更新の予行が成功しました。',
  },
  unrehearsed: {
    en: 'The certificate is there, but the rehearsal of its renewal failed.',
    ja: '証明書はありますが、更新の予行が失敗しました。',
  },
  unrehearsedRemedy: {
    en: 'Try “certbot renew --dry-run” before it is due, and see /var/log/letsencrypt/letsencrypt.log.',
    ja: '期限前に「certbot renew --dry-run」を試し、/var/log/letsencrypt/letsencrypt.log を確認してください。',
  },
  timer: {en: 'certbot looks for renewals by a timer.', ja: 'certbot が定期的に更新を確認しています。'},
  noTimer: {
    en: 'No timer of certbot is active: nobody renews the certificate.',
    ja: 'certbot のタイマーが有効でないため、証明書が更新されません。',
  },
  noTimerRemedy: {
    en: 'Switch it on: “systemctl enable --now certbot.timer” (RHEL: certbot-renew.timer).',
    ja: '「systemctl enable --now certbot.timer」(RHEL では certbot-renew.timer) で有効にしてください。',
  },
} satisfies Record<string, Text>;
