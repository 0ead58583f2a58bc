import type {LiveCheck, LiveResult, Look, Looked} from '../core/question.js';
import {fill, type Text} from '../core/text.js';
import {readAliasFile} from '../materials/alias-file.js';
import {inspectFiles} from '../materials/found.js';
import {postfixLogOf} from '../platforms/index.js';
import {judgeNew} from '../probes/block-lists.js';
import {play} from '../probes/dialogue.js';
import {lmtpHost} from '../probes/lmtp-host.js';
import {judgePatterns} from '../probes/patterns.js';
import {withUnit} from '../probes/result.js';
import {saslHost} from '../probes/sasl-host.js';
import {askSaslauthd} from '../probes/saslauthd.js';
import {relayHost} from '../probes/submission.js';
import {askDirectory} from '../probes/ldap/check.js';
import {type ProbeContext, probeTimeout} from '../probes/types.js';
import type {Machine} from './machine.js';

type Around = Pick<Machine, 'system' | 'facts' | 'vault'>;

const contextOf = ({system, facts, vault}: Around): ProbeContext => ({
  host: system,
  facts,
  address: '127.0.0.1',
  open: vault.open,
  since: '',
  holding: false,
  applying: false,
  postfixUnit: postfixLogOf(facts),
  play,
  outside: undefined,
});

/** Looks for what a question can be answered with. */
export const lookAround = async (look: Look, around: Around): Promise<Looked> => {
  const {namesIn} = await import('../probes/sql/names.js');
  return namesIn(look, contextOf(around));
};

/** The same while somebody waits before the question, who is told how long it can last. */
export const timelyCheck = async (check: LiveCheck, around: Around): Promise<LiveResult> => {
  const timer = Promise.withResolvers<LiveResult>();
  // Each has a limit of its own, with better words; what comes later than that counts no longer.
  const alarm = setTimeout(
    () =>
      timer.resolve([
        {id: `live:${check.kind}`, severity: 'fail', summary: texts.late, remedy: texts.lateRemedy},
      ]),
    probeTimeout + 500,
  );
  try {
    return await Promise.race([liveCheck(check, around), timer.promise]);
  } finally {
    clearTimeout(alarm);
  }
};

/** Tests an answer against the world: the certificate files, the relay, the other host, a name. */
export const liveCheck = async (check: LiveCheck, around: Around): Promise<LiveResult> => {
  const context = contextOf(around);
  const found = await ask(check, around.system, context);
  return found.map(finding => withUnit(finding, context.postfixUnit));
};

const ask = async (
  check: LiveCheck,
  system: Machine['system'],
  context: ProbeContext,
): Promise<LiveResult> => {
  switch (check.kind) {
    case 'certificate-pair':
      return inspectFiles(system.files, check);
    case 'lmtp-reachable':
      return lmtpHost({...check, id: 'live:lmtp', section: 'delivery', kind: 'lmtp-host'}, context);
    case 'sasl-reachable':
      return saslHost({...check, id: 'live:sasl', section: 'submission', kind: 'sasl-host'}, context);
    case 'smtp-reachable':
      return relayHost(
        {
          id: 'live:relay',
          section: 'relay',
          kind: 'relay-host',
          host: check.host,
          port: check.port,
          tls: check.tls ?? (check.port === 465 ? 'wrapper' : 'starttls'),
        },
        context,
      );
    case 'smtp-login':
      return relayHost(
        {
          id: 'live:relay',
          section: 'relay',
          kind: 'relay-host',
          host: check.host,
          port: check.port,
          tls: check.tls,
          user: check.user,
          password: check.password,
        },
        context,
      );
    case 'alias-file': {
      const read = readAliasFile(system.files, check.file);
      return read.ok ? [] : read.findings;
    }

    case 'block-lists':
      return judgeNew(check.lists);
    case 'patterns':
      return judgePatterns(system, check);
    case 'sql': {
      const {askDatabase} = await import('../probes/sql/check.js');
      return askDatabase(check, context);
    }
    case 'ldap':
      return askDirectory(check, context);
    case 'saslauthd':
      return askSaslauthd(check, context);
    case 'acme': {
      const {askAuthority} = await import('../probes/acme.js');
      return askAuthority(check, context);
    }
    case 'resolves': {
      const {exitCode: code} = await system.run('/usr/bin/getent', ['hosts', '--', check.name], {
        timeout: 5000,
      });
      return code === 0
        ? []
        : [
            {
              id: 'live:name',
              severity: 'warning',
              summary: fill(texts.name, {name: check.name}),
              remedy: texts.nameRemedy,
            },
          ];
    }
  }
};

const texts = {
  late: {
    en: 'This could not be tested: no answer within 5 seconds.',
    ja: '5 秒以内に応答がなく、確認できませんでした。',
  },
  lateRemedy: {
    en: 'Look at the way to the other machine, and try again.',
    ja: '相手との通信経路を確認し、もう一度試してください。',
  },
  name: {en: 'The name {name} is not known here.', ja: '名前 {name} を解決できません。'},
  nameRemedy: {
    en: 'Others will look it up: publish it in DNS.',
    ja: '外部から参照されるため、DNS に登録してください。',
  },
} satisfies Record<string, Text>;
