import type {Finding} from '../core/finding.js';
import type {LiveCheck} from '../core/question.js';
import {fill, type Text} from '../core/text.js';
import {readAliasFile} from '../materials/alias-file.js';
import {inspectFiles} from '../materials/found.js';
import {postfixLogOf} from '../platforms/index.js';
import {judgeNew} from '../probes/block-lists.js';
import {lmtpHost} from '../probes/lmtp-host.js';
import {judgePatterns} from '../probes/patterns.js';
import {withUnit} from '../probes/result.js';
import {saslHost} from '../probes/sasl-host.js';
import {relayHost} from '../probes/submission.js';
import {askDirectory} from '../probes/ldap/check.js';
import type {ProbeContext} from '../probes/types.js';
import type {Machine} from './machine.js';

/** Tests an answer against the world: the certificate files, the relay, the other host, a name. */
export const liveCheck = async (
  check: LiveCheck,
  {system, facts, vault}: Pick<Machine, 'system' | 'facts' | 'vault'>,
): Promise<readonly Finding[]> => {
  const postfixUnit = postfixLogOf(facts.os);
  const found = await ask(check, system, {
    host: system,
    facts,
    address: '127.0.0.1',
    open: vault.open,
    since: '',
    holding: false,
    applying: false,
    postfixUnit,
    outside: undefined,
  });
  return found.map(finding => withUnit(finding, postfixUnit));
};

const ask = async (
  check: LiveCheck,
  system: Machine['system'],
  context: ProbeContext,
): Promise<readonly Finding[]> => {
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
  name: {en: 'The name {name} is not known here.', ja: '名前 {name} を解決できません。'},
  nameRemedy: {
    en: 'Others will look it up: publish it in DNS.',
    ja: '外部から参照されるため、DNS に登録してください。',
  },
} satisfies Record<string, Text>;
