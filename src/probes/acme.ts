import {authorityProblems} from '../core/acme.js';
import type {Finding} from '../core/finding.js';
import {isPublicAddress} from '../core/public-address.js';
import type {LiveCheck} from '../core/question.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import {answerOf, openResolver} from '../system/dns.js';
import {readDirectory} from './acme-directory.js';
import type {ProbeContext} from './types.js';

type Check = Extract<LiveCheck, {kind: 'acme'}>;
type Words = {readonly summary: Text; readonly remedy: Text};

/** What an authority looks at before it issues anything, looked at first: its own server, the names in DNS, port 80 here. */
export const askAuthority = async (check: Check, context: ProbeContext): Promise<readonly Finding[]> => {
  const found = await Promise.all([
    authorityFindings(check, context),
    ...check.names.map(async name => nameFindings(name, context)),
  ]);
  return [...found.flat(), ...doorFindings(check, context)];
};

const finding = (
  id: string,
  severity: 'fail' | 'warning',
  {summary, remedy}: Words,
  values: Readonly<Record<string, string>>,
  line = '',
): Finding => ({
  id: `live:acme:${id}`,
  severity,
  summary: fill(summary, values),
  remedy: fill(remedy, values),
  ...(line === '' ? {} : {evidence: [visibleLine(line)]}),
});

const authorityFindings = async (
  {server, store}: Check,
  {host}: ProbeContext,
): Promise<readonly Finding[]> => {
  const read = await readDirectory(server, host.files.read(store, {follow: true})?.toString('latin1'));
  const values = {server: new URL(server).host, terms: read.kind === 'directory' ? read.terms : ''};
  switch (read.kind) {
    case 'directory':
      return read.external ? [finding('account', 'fail', texts.external, values)] : [];
    case 'untrusted':
    case 'silent':
      return [finding('authority', 'fail', texts[read.kind], values, read.line)];
    case 'other':
      return [finding('authority', 'fail', texts.other, values)];
  }
};

// Behind a router the addresses in DNS are its own, and whether it hands port 80 on is seen by the rehearsal alone.
const nameFindings = async (name: string, {facts}: ProbeContext): Promise<readonly Finding[]> => {
  const found = await addressesOf(name);
  if (found === undefined || found.length === 0) {
    return [
      finding(
        `name:${name}`,
        found === undefined ? 'warning' : 'fail',
        found === undefined ? texts.noDns : texts.noName,
        {name},
      ),
    ];
  }

  const own = facts.host.addresses;
  const others = found.filter(address => !own.includes(address));
  return others.length === 0
    ? []
    : [
        finding(
          `name:${name}`,
          own.some(isPublicAddress) ? 'fail' : 'warning',
          own.some(isPublicAddress) ? texts.elsewhere : texts.router,
          {name, others: others.join(', ')},
        ),
      ];
};

/** Addresses in DNS itself. Undefined where no server answered. */
const addressesOf = async (name: string): Promise<readonly string[] | undefined> => {
  const resolver = openResolver();
  const [four, six] = await Promise.all([
    answerOf(resolver.resolve4(name)),
    answerOf(resolver.resolve6(name)),
  ]);
  return four === undefined && six === undefined ? undefined : [...(four ?? []), ...(six ?? [])];
};

const doorFindings = ({challenge}: Check, {host, facts}: ProbeContext): readonly Finding[] => {
  const listener = facts.listeners.find(({port}) => port === 80);
  if (challenge.type === 'standalone') {
    return listener === undefined
      ? []
      : [finding('port', 'fail', texts.taken, {process: visibleLine(listener.process ?? '?')})];
  }

  return [
    ...(listener === undefined ? [finding('port', 'fail', texts.nobody, {})] : []),
    ...(host.files.lstat(challenge.path)?.type === 'directory'
      ? []
      : [finding('webroot', 'fail', texts.noFolder, {path: challenge.path})]),
  ];
};

const texts = {
  ...authorityProblems,
  silent: {
    summary: {
      en: 'The authority {server} does not answer.',
      ja: '認証局 {server} が応答しません。',
    },
    remedy: {
      en: 'See whether https is let out of this machine, and whether its name is known here.',
      ja: 'https での外向き通信と名前解決を確認してください。',
    },
  },
  other: {
    summary: {
      en: 'What answers at {server} is no authority that certbot can ask (ACME, RFC 8555).',
      ja: '{server} は certbot が利用できる認証局 (ACME、RFC 8555) ではありません。',
    },
    remedy: {
      en: 'The address must be that of its directory.',
      ja: 'ディレクトリー (directory) の URL を指定してください。',
    },
  },
  noName: {
    summary: {en: 'DNS has no address for {name}.', ja: '{name} のアドレスが DNS にありません。'},
    remedy: {
      en: 'Publish A (and AAAA, where it has IPv6) first: the authority looks there.',
      ja: '先に A (IPv6 があれば AAAA) を登録してください。認証局が参照します。',
    },
  },
  noDns: {
    summary: {
      en: 'No name server answered about {name}: not checked.',
      ja: '{name} について DNS サーバーから応答がなく、確認できませんでした。',
    },
    remedy: {
      en: 'The rehearsal will show it: nothing is changed where it fails.',
      ja: '予行で確認されます。失敗しても何も変更されません。',
    },
  },
  elsewhere: {
    summary: {
      en: '{name} leads to {others}, which is no address of this machine.',
      ja: '{name} は {others} を指していますが、このマシンのアドレスではありません。',
    },
    remedy: {
      en: 'Correct DNS: the authority asks each address that it finds, IPv6 first.',
      ja: 'DNS を修正してください。認証局は見つけたアドレスに IPv6 から順に接続します。',
    },
  },
  router: {
    summary: {
      en: '{name} leads to {others}: right only if port 80 there is handed on to this machine.',
      ja: '{name} は {others} を指しています。そのポート 80 がこのマシンに転送されている場合だけ有効です。',
    },
    remedy: {
      en: 'The rehearsal will show it: nothing is changed where it fails.',
      ja: '予行で確認されます。失敗しても何も変更されません。',
    },
  },
  taken: {
    summary: {
      en: 'Port 80 is in use here ({process}): certbot cannot answer there itself.',
      ja: 'ポート 80 は使用中 ({process}) で、certbot 自身は応答できません。',
    },
    remedy: {
      en: 'Answer that a web server shows the authority’s file, and name its folder; or stop that program, now and for renewals.',
      ja: 'Web サーバーのフォルダーで示す方法を選ぶか、そのプログラムを (更新時も) 停止してください。',
    },
  },
  nobody: {
    summary: {
      en: 'No web server answers on port 80 here.',
      ja: 'このマシンのポート 80 で応答する Web サーバーがありません。',
    },
    remedy: {
      en: 'Start it, or let certbot answer by itself.',
      ja: '起動するか、certbot 自身に応答させてください。',
    },
  },
  noFolder: {
    summary: {en: '{path} is no folder.', ja: '{path} はフォルダーではありません。'},
    remedy: {
      en: 'Name the folder that the web server shows under “/”.',
      ja: 'Web サーバーが「/」で公開しているフォルダーを指定してください。',
    },
  },
} satisfies Record<string, Words>;
