import type {Finding} from '../core/finding.js';
import type {Probe} from '../core/probe.js';
import type {Text} from '../core/text.js';
import {dkimPublicKey, dkimRecord as recordOf, publishedKey} from '../pki/dkim.js';
import {answerOf, openResolver} from '../system/dns.js';
import {fail, pass, unchecked, warning} from './result.js';
import {sendersIn} from './spf.js';
import type {ProbeHandler} from './types.js';

type RecordProbe = Extract<Probe, {kind: 'dkim-record' | 'spf-record' | 'dmarc-record'}>;

/** DNS has the public half of the key that signs; what is there in its place is a failure, that it is missing only for now. */
export const dkimRecord: ProbeHandler<'dkim-record'> = async (probe, {host}) => {
  const name = `${probe.selector}._domainkey.${probe.domain}`;
  const key = dkimPublicKey(host.files.read(probe.file)?.toString('latin1') ?? '');
  if (key === undefined) {
    return [fail(probe, {summary: texts.noKey, values: {file: probe.file}, remedy: texts.noKeyRemedy})];
  }

  const strings = recordOf(key);
  const toPublish = [`${name}. TXT (`, ...strings.map(text => `  "${text}"`), ')'];
  const found = await txt(name);
  if (found === undefined) {
    return [silent(probe, name, toPublish)];
  }

  const keys = found.flatMap(record => publishedKey(record) ?? []);
  return [
    keys.includes(key)
      ? pass(probe, {summary: texts.dkim, values: {name}})
      : keys.length === 0
        ? warning(probe, {
            summary: texts.missing,
            values: {name},
            remedy: texts.publish,
            evidence: toPublish,
          })
        : fail(probe, {
            summary: texts.otherKey,
            values: {name},
            remedy: texts.publish,
            evidence: toPublish,
          }),
  ];
};

/** One SPF record (RFC 7208), and it lets this machine send. */
export const spfRecord: ProbeHandler<'spf-record'> = async (probe, {facts}) => {
  const {domain} = probe;
  const values = {domain};
  const toPublish = [`${domain}. TXT "v=spf1 mx ${probe.relay ? '~all' : '-all'}"`];
  const found = await txt(domain);
  if (found === undefined) {
    return [silent(probe, domain, toPublish)];
  }

  const records = found.filter(record => /^v=spf1(?: |$)/i.test(record));
  const [record] = records;
  if (record === undefined) {
    return [warning(probe, {summary: texts.noSpf, values, remedy: texts.publish, evidence: toPublish})];
  }

  if (records.length > 1) {
    // 4.5: with two of them the check ends in an error.
    return [fail(probe, {summary: texts.twoSpf, values, remedy: texts.oneSpf, evidence: records})];
  }

  if (probe.relay) {
    return [
      unchecked(probe, {summary: texts.spfRelay, values, remedy: texts.spfRelayRemedy, evidence: [record]}),
    ];
  }

  switch (
    await sendersIn(
      record,
      {domain, hostname: probe.hostname, addresses: facts.host.addresses},
      openResolver(),
    )
  ) {
    case 'named':
      return [pass(probe, {summary: texts.spf, values})];
    case 'not-named':
      return [
        fail(probe, {summary: texts.spfWithout, values, remedy: texts.spfWithoutRemedy, evidence: [record]}),
      ];
    case 'unknown':
      return [
        unchecked(probe, {
          summary: texts.spfUnknown,
          values,
          remedy: texts.spfUnknownRemedy,
          evidence: [record],
        }),
      ];
  }
};

/** A DMARC record (RFC 7489, 6.3). */
export const dmarcRecord: ProbeHandler<'dmarc-record'> = async (probe, _context) => {
  const name = `_dmarc.${probe.domain}`;
  const reports = probe.admin === undefined ? '' : `; rua=mailto:${probe.admin}`;
  const toPublish = [`${name}. TXT "v=DMARC1; p=none${reports}"`];
  const found = await txt(name);
  if (found === undefined) {
    return [silent(probe, name, toPublish)];
  }

  const records = found.filter(record => /^v=DMARC1\s*(?:;|$)/.test(record));
  const policy = /;\s*p\s*=\s*(none|quarantine|reject)\b/i.exec(records[0] ?? '')?.[1]?.toLowerCase();
  return [
    records.length === 1 && policy !== undefined
      ? pass(probe, {summary: texts.dmarc, values: {domain: probe.domain, policy}})
      : records.length === 0
        ? warning(probe, {
            summary: texts.missing,
            values: {name},
            remedy: texts.publish,
            evidence: toPublish,
          })
        : fail(probe, {summary: texts.badDmarc, values: {name}, remedy: texts.publish, evidence: toPublish}),
  ];
};

// That there is none is an answer; undefined: nobody answered.
const txt = async (name: string): Promise<readonly string[] | undefined> =>
  (await answerOf(openResolver().resolveTxt(name)))?.map(strings => strings.join(''));

const silent = (probe: RecordProbe, name: string, evidence: readonly string[]): Finding =>
  unchecked(probe, {summary: texts.silent, values: {name}, remedy: texts.silentRemedy, evidence});

const texts = {
  dkim: {en: 'DNS has the key under {name}.', ja: 'DNS の {name} に鍵があります。'},
  noKey: {en: 'The key {file} cannot be read.', ja: '鍵 {file} を読み取れません。'},
  noKeyRemedy: {en: 'Run “dovetail signing”.', ja: '「dovetail signing」を実行してください。'},
  missing: {en: 'DNS has no record {name} yet.', ja: 'DNS に {name} のレコードがまだありません。'},
  publish: {
    en: 'Publish this in the zone of the domain:',
    ja: 'ドメインのゾーンに次を登録してください:',
  },
  otherKey: {
    en: 'DNS has another key under {name}: nobody can verify what is signed here.',
    ja: 'DNS の {name} が別の鍵のため、ここの署名は誰も検証できません。',
  },
  silent: {
    en: 'Whether DNS has the record {name}: no name server answered.',
    ja: 'ネームサーバーが応答しないため、{name} のレコードを確認していません。',
  },
  silentRemedy: {
    en: 'Look from elsewhere (“dig TXT”); this is what has to be there:',
    ja: '外部から「dig TXT」で確認してください。必要な内容は次のとおりです:',
  },
  spf: {
    en: 'DNS says that this server may send for {domain} (SPF).',
    ja: 'DNS は、このサーバーが {domain} から送信してよいと示しています (SPF)。',
  },
  noSpf: {
    en: 'DNS does not say yet who may send for {domain} (SPF).',
    ja: '{domain} から誰が送信してよいか (SPF)、DNS にまだありません。',
  },
  twoSpf: {
    en: '{domain} has several SPF records: receivers take that for an error.',
    ja: '{domain} に SPF レコードが複数あり、受信側でエラーになります。',
  },
  oneSpf: {en: 'Join them into one.', ja: '1 つにまとめてください。'},
  spfRelay: {
    en: 'The SPF record of {domain} is there; whether it names the relay was not checked.',
    ja: '{domain} の SPF レコードはあります。中継サーバーが含まれるかは確認していません。',
  },
  spfRelayRemedy: {
    en: 'The relay’s operator says which include it needs.',
    ja: '必要な include は中継サーバーの管理者に確認してください。',
  },
  spfWithout: {
    en: 'The SPF record of {domain} does not let this server send.',
    ja: '{domain} の SPF レコードでは、このサーバーからの送信が許可されていません。',
  },
  spfWithoutRemedy: {
    en: 'Add “mx”, or the addresses of this server, before its “all”.',
    ja: '「all」の前に「mx」かこのサーバーのアドレスを追加してください。',
  },
  spfUnknown: {
    en: 'Whether the SPF record of {domain} lets this server send could not be told from here.',
    ja: '{domain} の SPF レコードがこのサーバーの送信を許可しているか、ここからは判断できません。',
  },
  spfUnknownRemedy: {
    en: 'Send a message to a mailbox elsewhere and look for “spf=pass” in its headers.',
    ja: '外部のメールボックスに送り、ヘッダーの「spf=pass」を確認してください。',
  },
  dmarc: {
    en: 'DNS says what becomes of mail that only claims to be from {domain} (DMARC, p={policy}).',
    ja: '{domain} を騙るメールの扱いが DNS にあります (DMARC、p={policy})。',
  },
  badDmarc: {
    en: 'The record {name} is none that receivers understand.',
    ja: 'レコード {name} は受信側が解釈できません。',
  },
} satisfies Record<string, Text>;
