import type {Facts} from '../../src/core/facts.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {SieveScript} from '../../src/core/setting.js';
import type {Want} from '../../src/core/want.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import {spamToJunk} from '../../templates/spam-to-junk.js';
import {hasManageSieve, hasNetworkLmtp, hasSieve, hasSpamFolder, isServer} from './read.js';

const folder = '/etc/dovecot/sieve';

/** The server's own script. Under /etc/dovecot, which the owner of the mail can read wherever Dovecot is packaged. */
export const spamScript = `${folder}/spam-to-junk.sieve`;

/** The plug-in for those who deliver. Without it ManageSieve takes scripts and nothing is ever filtered (000 §1.8). */
export const filterWants = (all: AllAnswers, facts: Facts): readonly Want[] => {
  const {lists} = readDovecot(facts);
  const delivering = isServer(all) || hasNetworkLmtp(all) ? 'lmtp.plugins' : 'lda.plugins';
  return (['lmtp.plugins', 'lda.plugins'] as const).flatMap((at): readonly Want[] => {
    const on = hasSieve(all) && at === delivering;
    return on || (!hasSieve(all) && lists[at]?.includes('sieve') === true)
      ? [{kind: 'item', in: 'dovecot', at, value: 'sieve', state: on ? 'present' : 'absent'}]
      : [];
  });
};

/** Where users have their own scripts, unless the machine says so already. */
export const personalWants = (all: AllAnswers, facts: Facts): readonly Want[] =>
  hasSieve(all) && !readDovecot(facts).scripts.some(({when}) => when === 'personal')
    ? [script({name: 'personal', when: 'personal', path: '~/sieve', active: '~/.dovecot.sieve'})]
    : [];

/** ManageSieve (RFC 5804) and its port; Debian's 2.4 opens 2000, the port of old, beside it. */
export const managesieveWants = (all: AllAnswers, facts: Facts): readonly Want[] => {
  const {lists, listeners} = readDovecot(facts);
  const service = 'managesieve-login' as const;
  const old = listeners.some(
    listener => listener.service === service && listener.name === 'sieve_deprecated' && listener.port !== 0,
  );
  if (!hasManageSieve(all)) {
    return lists.protocols?.includes('sieve') === true
      ? [{kind: 'item', in: 'dovecot', at: 'protocols', value: 'sieve', state: 'absent'}]
      : [];
  }

  return [
    {kind: 'item', in: 'dovecot', at: 'protocols', value: 'sieve', state: 'present'},
    {
      kind: 'block',
      in: 'dovecot',
      at: 'listener.inet',
      value: {service, name: 'sieve', port: 4190},
      state: 'present',
    },
    ...(old
      ? [
          {
            kind: 'block',
            in: 'dovecot',
            at: 'listener.inet',
            value: {service, name: 'sieve_deprecated', port: 2000},
            state: 'absent',
          } as const,
        ]
      : []),
  ];
};

/** The server's script, its compiled form, and the setting that has it run first of all. */
export const spamWants = (all: AllAnswers, facts: Facts): readonly Want[] => {
  const before = readDovecot(facts).scripts.filter(({when}) => when === 'before');
  const there = before.find(({path}) => path === spamScript);
  const entry = {
    name: 'spam-to-junk',
    when: 'before' as const,
    path: spamScript,
    place: there?.place ?? before.length + 1,
  };
  if (hasSpamFolder(all)) {
    return [
      {kind: 'directory', path: folder, owner: 'root', group: 'root', mode: 0o755, state: 'present'},
      {
        kind: 'file',
        path: spamScript,
        state: 'present',
        content: [{text: spamToJunk}],
        owner: 'root',
        group: 'root',
        mode: 0o644,
        compile: 'sieve',
      },
      script(entry),
    ];
  }

  // Numbered scripts of others behind ours would no longer be read: then it stays (`sieveNotes` says so).
  return there === undefined || hasScriptsBehind(facts)
    ? []
    : [
        script(entry, 'absent'),
        {kind: 'file', path: spamScript, state: 'absent'},
        {kind: 'file', path: spamScript.replace(/sieve$/, 'svbin'), state: 'absent'},
      ];
};

/** Whether scripts of others are numbered behind ours, which only Dovecot 2.3 does. */
export const hasScriptsBehind = (facts: Facts) => {
  const before = readDovecot(facts).scripts.filter(({when}) => when === 'before');
  const there = before.find(({path}) => path === spamScript);
  return (
    facts.dovecot?.dialect !== '2.4' && there !== undefined && before.some(({place}) => place > there.place)
  );
};

const script = (value: SieveScript, state: 'present' | 'absent' = 'present'): Want => ({
  kind: 'block',
  in: 'dovecot',
  at: 'sieve.script',
  value,
  state,
});
