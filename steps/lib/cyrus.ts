import {rowsOf} from '../../src/config/rows/edit.js';
import type {Facts} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import type {Probe, ProbeAccount} from '../../src/core/probe.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {SecretRef} from '../../src/core/secret.js';
import {saslUnit} from '../../src/core/sasl-files.js';
import type {Want} from '../../src/core/want.js';
import {saslauthdUnit, smtpStack} from '../../templates/saslauthd-unit.js';
import {gateOf, gateThere, withGate} from './pam.js';
import {lastUidOf} from './people.js';
import {aliasRow, chrootOf, queueDirectoryOf} from './postfix.js';
import {answer, loginOf} from './read.js';

/** What Postfix names its configuration of Cyrus SASL by (`smtpd_sasl_path`). */
export const saslName = 'smtpd';

const unitFile = `/etc/systemd/system/${saslUnit}`;

/** Where saslauthd's socket is: the distribution's own, or one inside of Postfix's chroot. */
const placeOf = (facts: Facts, platform: Platform) => {
  const {unit} = platform.postfix.sasl;
  const chroot = chrootOf(facts, platform) === 'n' ? '' : queueDirectoryOf(facts);
  return unit !== undefined && chroot === ''
    ? {unit, folder: '/run/saslauthd', seen: '/run/saslauthd', chroot}
    : {folder: `${chroot}${inside}`, seen: inside, chroot};
};
const inside = '/var/run/saslauthd';

/** Where saslauthd answers. */
export const saslSocket = (facts: Facts, platform: Platform) => `${placeOf(facts, platform).folder}/mux`;

/** Somebody of this machine, with the password that was typed in for the proof. */
export const cyrusSample = (all: AllAnswers): {readonly account?: ProbeAccount} => {
  const user = answer<string>(all, 'submission', 'sample') ?? '';
  const password = answer<SecretRef>(all, 'submission', 'sample_password');
  return loginOf(all) !== 'cyrus' || user === '' || password === undefined ? {} : {account: {user, password}};
};

/** Whether Postfix asks saslauthd here already. */
export const cyrusThere = ({files}: Facts, options: Readonly<Record<string, string>>): boolean =>
  (options['smtpd_sasl_type'] ?? 'cyrus') === 'cyrus' &&
  ['/etc/postfix/sasl/smtpd.conf', '/etc/sasl2/smtpd.conf'].some(path =>
    /:\s*saslauthd\s*$/.test(rowsOf(files[path] ?? '', 'aliases').get('pwcheck_method') ?? ''),
  );

/** Postfix asks saslauthd(8), which asks PAM: people of this machine, and never root or a service. */
export const cyrusWants = (facts: Facts, platform: Platform): readonly Want[] => {
  const {unit, folder, seen, chroot} = placeOf(facts, platform);
  const {config, pam} = platform.postfix.sasl;
  const own = {owner: 'root', group: 'root', mode: 0o644, state: 'present'} as const;
  const stack = facts.files[pam];
  const rule = ruleOf(facts, platform);
  return [
    {
      kind: 'rows',
      file: config,
      format: 'aliases',
      ownership: {owner: 'root', group: 'root', mode: 0o644},
      rows: [
        aliasRow('pwcheck_method', 'saslauthd'),
        // Both send the password itself, and are offered inside of TLS alone.
        aliasRow('mech_list', 'PLAIN LOGIN'),
        ...(unit === undefined ? [aliasRow('saslauthd_path', `${seen}/mux`)] : []),
      ],
    },
    {
      kind: 'file',
      path: pam,
      content: [{text: stack === undefined ? smtpStack(rule) : withGate(stack, rule)}],
      ...own,
    },
    ...(unit === undefined
      ? [
          ...parents(chroot).map(
            path =>
              ({
                kind: 'directory',
                path,
                owner: 'root',
                group: 'root',
                mode: 0o755,
                state: 'present',
              }) as const,
          ),
          {
            kind: 'directory',
            path: folder,
            owner: 'root',
            group: 'postfix',
            mode: 0o710,
            state: 'present',
          } as const,
          {kind: 'file', path: unitFile, content: [{text: saslauthdUnit(folder)}], ...own} as const,
        ]
      : []),
    {kind: 'service', unit: unit ?? saslUnit, state: 'present'},
  ];
};

// Of a chroot that has none of them yet.
const parents = (chroot: string) => (chroot === '' ? [] : [`${chroot}/var`, `${chroot}/var/run`]);

/** Our own daemon goes where nobody asks it any more. */
export const cyrusGone = (facts: Facts): readonly Want[] =>
  facts.files[unitFile] === undefined
    ? []
    : [
        {kind: 'service', unit: saslUnit, state: 'absent'},
        {kind: 'file', path: unitFile, state: 'absent'},
      ];

/** What shows that it answers, and whom it refuses. */
export const cyrusProbe = (facts: Facts, platform: Platform): Probe => ({
  id: 'submission:saslauthd',
  section: 'submission',
  kind: 'saslauthd',
  socket: saslSocket(facts, platform),
  gate: {file: platform.postfix.sasl.pam, rule: ruleOf(facts, platform)},
});

// Nobody is asked here which numbers are people's: a rule that stands stays.
const ruleOf = (facts: Facts, platform: Platform) =>
  gateOf(sendersThere(facts, platform) ?? {first: 1000, last: lastUidOf(facts)});

/** Numbers of the users whom PAM lets send; undefined where its stack has no such rule. */
export const sendersThere = (facts: Facts, {postfix}: Platform) =>
  gateThere(facts.files[postfix.sasl.pam] ?? '');
