import type {DovecotDialect, DovecotEdit} from '../../core/edit.js';
import type {DovecotLists, DovecotSettings} from '../../core/setting.js';
import type {DovecotWant} from '../../core/want.js';
import {inetListener, lmtpPeople, mailbox, passdb, unixListener, userdb} from './blocks.js';
import {directoryEdits} from './ldap.js';
import {sieveScript} from './sieve.js';
import {settings} from './settings.js';
import {databaseEdits} from './sql.js';

/** What a want of Dovecot's means in a dialect's own words. */
export const renderDovecot = (want: DovecotWant, dialect: DovecotDialect): readonly DovecotEdit[] => {
  switch (want.kind) {
    case 'setting':
      return setting(want, dialect);
    case 'item':
      return item(want.at, want.value, want.state, dialect);
    case 'block':
      return block(want, dialect);
  }
};

const setting = (
  want: Extract<DovecotWant, {kind: 'setting'}>,
  dialect: DovecotDialect,
): readonly DovecotEdit[] => {
  const render = settings[want.at] as (value: never, dialect: DovecotDialect) => readonly DovecotEdit[];
  if (want.op === 'set') {
    return render(want.value as never, dialect);
  }

  // The names are the same whatever the value is.
  const names = render(samples[want.at] as never, dialect);
  return names.flatMap(edit =>
    edit.op === 'set' ? [{op: 'unset' as const, at: edit.at, key: edit.key}] : [],
  );
};

const samples = {
  listen: [],
  'mail.store': {format: 'maildir', path: ''},
  'mail.home': '',
  'mail.uid': '',
  'mail.gid': '',
  'mail.first_valid_uid': 0,
  'mail.last_valid_uid': 0,
  'mail.privileged_group': '',
  'tls.mode': 'required',
  'tls.certificate': '',
  'tls.key': '',
  'tls.min_protocol': 'TLSv1.2',
  'tls.dh': '',
  'auth.cleartext': false,
  'auth.username': 'lower',
  'auth.order': [],
  'auth.realm': '',
  'lmtp.username': 'lower',
  'lmtp.postmaster': '',
} satisfies DovecotSettings;

const lists: Readonly<
  Record<
    keyof DovecotLists,
    {readonly key: string; readonly protocol?: string; readonly home: string; readonly base?: string}
  >
> = {
  protocols: {key: 'protocols', home: 'dovecot.conf'},
  'auth.mechanisms': {key: 'auth_mechanisms', home: '10-auth.conf', base: 'plain'},
  'mail.plugins': {key: 'mail_plugins', home: '10-mail.conf'},
  'lmtp.plugins': {key: 'mail_plugins', protocol: 'lmtp', home: '20-lmtp.conf', base: '$mail_plugins'},
  'lda.plugins': {key: 'mail_plugins', protocol: 'lda', home: '15-lda.conf', base: '$mail_plugins'},
  'imap.plugins': {key: 'mail_plugins', protocol: 'imap', home: '20-imap.conf', base: '$mail_plugins'},
};

const item = (
  at: keyof DovecotLists,
  value: string,
  state: 'present' | 'absent',
  dialect: DovecotDialect,
): readonly DovecotEdit[] => {
  const {key, protocol, home, base} = lists[at];
  const block = protocol === undefined ? [] : [{type: 'protocol', name: protocol}];
  if (dialect === '2.4' && (key === 'mail_plugins' || key === 'protocols')) {
    // 2.4 has boolean lists: each item is a setting of its own, so what packages add is merged and never lost.
    return [
      {
        op: 'set',
        at: [...block, {type: key}],
        key: value,
        value: state === 'present' ? 'yes' : 'no',
        home: key === 'protocols' ? 'local.conf' : home,
      },
    ];
  }

  return [{op: 'item', at: block, key, value, state, home, ...(base === undefined ? {} : {base})}];
};

const block = (
  want: Extract<DovecotWant, {kind: 'block'}>,
  dialect: DovecotDialect,
): readonly DovecotEdit[] => {
  switch (want.at) {
    case 'listener.inet':
      return inetListener(want.value, want.state, dialect);
    case 'listener.unix':
      return unixListener(want.value, want.state);
    case 'mailbox':
      return mailbox(want.value, want.state);
    case 'sieve.script':
      return sieveScript(want.value, want.state, dialect);
    case 'database':
      return databaseEdits(want.value, want.state, dialect);
    case 'directory':
      return directoryEdits(want.value, want.state, dialect);
    case 'lmtp.people':
      return lmtpPeople(want.value, want.state, dialect);
    case 'passdb':
      return passdb(want.value, want.state, dialect);
    case 'userdb':
      return userdb(want.value, want.state, dialect);
  }
};
