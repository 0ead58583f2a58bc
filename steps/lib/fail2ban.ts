import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Want} from '../../src/core/want.js';
import {dovecotFilter, jailsText} from '../../templates/fail2ban.js';
import {parseNetwork} from './networks.js';
import {answer, hasDovecot, submissionPortsOf} from './read.js';

const folder = '/etc/fail2ban';

/** Our own files; nothing of others is edited. */
export const fail2banFiles = {
  jails: `${folder}/jail.d/dovetail.conf`,
  filter: `${folder}/filter.d/dovetail-dovecot.conf`,
} as const;

export const fail2banUnit = 'fail2ban.service';

/** Whether people log in to this server: to read their mail, or to send. */
export const takesLogins = (all: AllAnswers) => hasDovecot(all) || sends(all);

const sends = (all: AllAnswers) => submissionPortsOf(all).length > 0;

/** Names of our jails: one for each server that takes logins here. */
export const jailsOf = (all: AllAnswers): readonly string[] => [
  ...(hasDovecot(all) ? ['dovetail-dovecot'] : []),
  ...(sends(all) ? ['dovetail-sasl'] : []),
];

const attemptsDefault = 5;
const minutesDefault = 60;

/** Who is never banned: whoever is logged in now, unless the machine says otherwise. */
export const neverOf = (all: AllAnswers, facts: Facts): readonly string[] =>
  answer<readonly string[]>(all, 'brute-force', 'never') ??
  (facts.session.ssh === undefined ? [] : [facts.session.ssh.client]);

/** What our file says; undefined where it is not there, or somebody wrote something else into it. */
export const jailsThere = ({files}: Facts) => {
  const text = files[fail2banFiles.jails];
  const value = (key: string) => new RegExp(`^${key} = (.*)$`, 'm').exec(text ?? '')?.[1]?.trim();
  const [attempts, minutes] = [Number(value('maxretry')), Number(value('bantime')?.replace(/m$/, ''))];
  const list = (key: string) => (value(key) ?? '').split(' ').filter(Boolean);
  return text === undefined || !Number.isInteger(attempts) || !Number.isInteger(minutes)
    ? undefined
    : {attempts, minutes, never: list('never'), networks: list('networks')};
};

/** Whether jails of others are set up here: then fail2ban is theirs, and only our own jails are added. */
export const hasOthersJails = ({files}: Facts) =>
  Object.entries(files).some(
    ([path, text]) =>
      (path === `${folder}/jail.local` ||
        (path.startsWith(`${folder}/jail.d/`) &&
          ![fail2banFiles.jails, `${folder}/jail.d/defaults-debian.conf`].includes(path))) &&
      /^\s*\[/m.test(text),
  );

/** Filter, jails, and that the daemon runs. */
export const fail2banWants = (all: AllAnswers, facts: Facts): readonly Want[] => {
  const own = {owner: 'root', group: 'root', mode: 0o644, state: 'present'} as const;
  const networks = (answer<readonly string[]>(all, 'smtp', 'networks') ?? []).map(plain);
  const text = jailsText({
    networks,
    never: neverOf(all, facts).map(plain),
    attempts: answer<number>(all, 'brute-force', 'attempts') ?? attemptsDefault,
    minutes: answer<number>(all, 'brute-force', 'minutes') ?? minutesDefault,
    ssh: !hasOthersJails(facts),
    dovecot: hasDovecot(all),
    postfix: sends(all),
  });
  return [
    ...(hasDovecot(all)
      ? [{kind: 'file', path: fail2banFiles.filter, content: [{text: dovecotFilter}], ...own} as const]
      : facts.files[fail2banFiles.filter] === undefined
        ? []
        : [{kind: 'file', path: fail2banFiles.filter, state: 'absent'} as const]),
    {kind: 'file', path: fail2banFiles.jails, content: [{text}], ...own},
    {kind: 'service', unit: fail2banUnit, state: 'present'},
  ];
};

/** Our jails go; the daemon too, where it has none but ours. */
export const fail2banGone = (facts: Facts): readonly Want[] =>
  facts.files[fail2banFiles.jails] === undefined
    ? []
    : [
        {kind: 'file', path: fail2banFiles.jails, state: 'absent'},
        {kind: 'file', path: fail2banFiles.filter, state: 'absent'},
        ...(hasOthersJails(facts)
          ? []
          : [{kind: 'service' as const, unit: fail2banUnit, state: 'absent' as const}]),
      ];

// As fail2ban reads it: no brackets.
const plain = (text: string) => {
  const network = parseNetwork(text);
  const bits = network?.family === 'ipv4' ? 32 : 128;
  return network === undefined
    ? text
    : network.prefix === bits
      ? network.address
      : `${network.address}/${network.prefix}`;
};
