import type {Block, DovecotDialect, DovecotEdit} from '../../core/edit.js';
import type {
  DovecotItems,
  DovecotSettings,
  LmtpPeople,
  MailStore,
  Passdb,
  Userdb,
} from '../../core/setting.js';
import {ldapHome, ldapPassdb, ldapUserdb} from './ldap.js';
import {renderPattern} from './pattern.js';
import {sqlHome, sqlPassdb, sqlUserdb} from './sql.js';

type Pairs = readonly (readonly [key: string, value: string])[];

const sets = (home: string, at: readonly Block[], pairs: Pairs): readonly DovecotEdit[] =>
  pairs.map(([key, value]) => ({op: 'set', at, key, value, home}));

/** A TCP listener; port 0 closes it (2.3: service docs; 2.4 calls its addresses `listen`). */
export const inetListener = (
  value: DovecotItems['listener.inet'],
  state: 'present' | 'absent',
  dialect: DovecotDialect,
) => {
  const at: readonly Block[] = [
    {type: 'service', name: value.service},
    {type: 'inet_listener', name: value.name},
  ];
  const pairs: Pairs = [
    ['port', String(state === 'absent' ? 0 : value.port)],
    ...(value.tls === undefined || state === 'absent' ? [] : ([['ssl', value.tls ? 'yes' : 'no']] as Pairs)),
    ...(value.addresses === undefined
      ? []
      : ([[dialect === '2.3' ? 'address' : 'listen', value.addresses.join(' ')]] as Pairs)),
  ];
  return sets('10-master.conf', at, pairs);
};

export const unixListener = (
  value: DovecotItems['listener.unix'],
  state: 'present' | 'absent',
): readonly DovecotEdit[] => {
  const at: readonly Block[] = [
    {type: 'service', name: value.service},
    {type: 'unix_listener', name: value.path},
  ];
  return state === 'absent'
    ? [{op: 'block', at, state, home: '10-master.conf'}]
    : sets('10-master.conf', at, [
        ['mode', value.mode],
        ['user', value.user],
        ['group', value.group],
      ]);
};

export const mailbox = (
  value: DovecotItems['mailbox'],
  state: 'present' | 'absent',
): readonly DovecotEdit[] => {
  const at: readonly Block[] = [
    {type: 'namespace', name: 'inbox'},
    {type: 'mailbox', name: value.name},
  ];
  return state === 'absent'
    ? [{op: 'block', at, state, home: '15-mailboxes.conf'}]
    : sets('15-mailboxes.conf', at, [
        ...(value.specialUse === undefined ? [] : ([['special_use', value.specialUse]] as Pairs)),
        ['auto', value.auto],
      ]);
};

/** Files of conf.d that hold each back end, switched on by an include. */
const files: Readonly<Record<Passdb['driver'] | Userdb['driver'], string>> = {
  pam: 'auth-system.conf.ext',
  passwd: 'auth-system.conf.ext',
  'passwd-file': 'auth-passwdfile.conf.ext',
  static: 'auth-static.conf.ext',
  sql: sqlHome,
  ldap: ldapHome,
  deny: 'auth-deny.conf.ext',
};

/** The include that switches a back end's file on or off. */
export const backendInclude = (driver: keyof typeof files, state: 'present' | 'absent'): DovecotEdit => ({
  op: 'include',
  file: files[driver],
  state,
  home: '10-auth.conf',
});

const address = (type: 'passdb' | 'userdb', driver: string, dialect: DovecotDialect): Block =>
  dialect === '2.3' ? {type, where: {key: 'driver', value: driver}} : {type, name: driver};

/** Databases in the order in which they are asked: that of the files that hold them, or of the blocks in one file. */
export const backendOrder = (
  drivers: DovecotSettings['auth.order'],
  dialect: DovecotDialect,
): readonly DovecotEdit[] => [
  {
    op: 'order',
    files: drivers.map(driver => files[driver]),
    groups: [
      drivers.map(driver => address('passdb', driver, dialect)),
      drivers.map(driver => address('userdb', driver === 'pam' ? 'passwd' : driver, dialect)),
    ],
  },
];

// Layouts without a split conf.d have their databases in the main file; a block in the file that is no longer included stays.
const inlineGone = (
  type: 'passdb' | 'userdb',
  driver: keyof typeof files,
  dialect: DovecotDialect,
): readonly DovecotEdit[] =>
  driver === 'deny' ? [] : [{op: 'block', at: [address(type, driver, dialect)], state: 'absent'}];

export const passdb = (
  value: Passdb,
  state: 'present' | 'absent',
  dialect: DovecotDialect,
): readonly DovecotEdit[] => {
  const on = backendInclude(value.driver, state);
  if (state === 'absent') {
    return [on, ...inlineGone('passdb', value.driver, dialect)];
  }

  const home = files[value.driver];
  if (value.driver === 'deny') {
    // A deny database is a passwd-file whose users are refused before any other database is asked.
    const pairs: Pairs =
      dialect === '2.3'
        ? [
            ['args', value.file],
            ['deny', 'yes'],
          ]
        : [
            ['passwd_file_path', value.file],
            ['deny', 'yes'],
          ];
    return [on, ...sets(home, [address('passdb', 'passwd-file', dialect)], pairs)];
  }

  const at = [address('passdb', value.driver, dialect)];
  if (value.driver === 'sql') {
    return [on, ...sqlPassdb(value, at, dialect)];
  }

  if (value.driver === 'ldap') {
    return [on, ...ldapPassdb(value, at, dialect)];
  }

  if (value.driver === 'pam') {
    return [
      on,
      {op: 'block', at, state, home},
      ...(value.bareNames
        ? sets(home, at, [['username_filter', '!*@*']])
        : [{op: 'unset' as const, at, key: 'username_filter'}]),
    ];
  }

  const pairs: Pairs =
    dialect === '2.3'
      ? [['args', `scheme=${value.scheme} username_format=%u ${value.file}`]]
      : [
          ['default_password_scheme', value.scheme],
          ['passwd_file_path', value.file],
        ];
  return [on, ...sets(home, at, pairs)];
};

export const userdb = (
  value: Userdb,
  state: 'present' | 'absent',
  dialect: DovecotDialect,
): readonly DovecotEdit[] => {
  const on = backendInclude(value.driver, state);
  if (state === 'absent') {
    return [on, ...inlineGone('userdb', value.driver, dialect)];
  }

  const at = [address('userdb', value.driver, dialect)];
  const home = files[value.driver];
  if (value.driver === 'sql') {
    return [on, ...sqlUserdb(value, at, dialect), ...fields(value, at, home, dialect)];
  }

  if (value.driver === 'ldap') {
    return [on, ...ldapUserdb(value, at, dialect), ...fields(value, at, home, dialect)];
  }

  const file: Pairs =
    value.driver !== 'passwd-file'
      ? []
      : dialect === '2.3'
        ? [['args', `username_format=%u ${value.file}`]]
        : [['passwd_file_path', value.file]];
  return [
    on,
    // The packages' file of a directory has a user database too, which would be asked first, as nobody, and fail.
    ...(value.driver === 'static'
      ? [{op: 'block', at: [address('userdb', 'ldap', dialect)], state: 'absent'} as const]
      : []),
    ...sets(home, at, file),
    ...fields(value, at, home, dialect),
  ];
};

/** Names of the numbers below and above those of people, as the file of `lmtpPeople` has them. */
export const noPeople = ['below-in', 'in-above'] as const;

/**
 * LMTP takes whoever a user database finds, and only Dovecot's delivery looks at first_valid_uid: 451, after the mail was taken. So
 * whoever passwd(5) finds is looked up once more, by a name that their number makes: found there is not found at all
 * (result_success). Both stand in `protocol lmtp`, whose databases are asked before those of all, which then answer for people (seen
 * with 2.3.19 and 2.4.1): elsewhere, listing users would list these names. Asked in another order, nobody has a number yet, and
 * everybody counts as a person.
 */
export const lmtpPeople = (
  {first, last, file}: LmtpPeople,
  state: 'present' | 'absent',
  dialect: DovecotDialect,
): readonly DovecotEdit[] => {
  const inLmtp = (name: string): readonly Block[] => [
    {type: 'protocol', name: 'lmtp'},
    dialect === '2.3' ? {type: 'userdb', where: {key: 'name', value: name}} : {type: 'userdb', name},
  ];
  const passwd = inLmtp('lmtp-passwd');
  const again = inLmtp('no-people');
  if (state === 'absent') {
    return [
      {op: 'block', at: passwd, state},
      {op: 'block', at: again, state},
    ];
  }

  const format =
    dialect === '2.3'
      ? `%{if;%{userdb:uid:${first}};<;${first};below;in}-%{if;%{userdb:uid:${first}};>;${last};above;in}`
      : ([`'<', ${first}, 'below'`, `'>', ${last}, 'above'`] as const)
          .map(test => `%{userdb:uid | default(${first}) | if(${test}, 'in')}`)
          .join('-');
  return [
    ...sets('20-lmtp.conf', passwd, [
      ['driver', 'passwd'],
      ['result_success', 'continue-ok'],
    ]),
    ...sets('20-lmtp.conf', again, [
      ['driver', 'passwd-file'],
      ...(dialect === '2.3'
        ? ([['args', `username_format=${format} ${file}`]] as const)
        : ([
            ['passwd_file_path', file],
            ['auth_username_format', format],
          ] as const)),
      ['skip', 'notfound'],
      ['result_success', 'return-fail'],
    ]),
  ];
};

const fields = (
  value: Userdb,
  at: readonly Block[],
  home: string,
  dialect: DovecotDialect,
): readonly DovecotEdit[] => {
  if (value.virtual === undefined) {
    const store = value.driver === 'passwd' ? value.store : undefined;
    return store === undefined ? plainFields(at, home, dialect) : storeFields(store, at, home, dialect);
  }

  const {uid, gid} = value.virtual;
  const folder = renderPattern(value.virtual.home, dialect);
  if (dialect === '2.3') {
    const key = value.driver === 'static' ? 'args' : 'override_fields';
    const all = value.driver === 'static' && value.everybody === true ? ' allow_all_users=yes' : '';
    return sets(home, at, [[key, `uid=${uid} gid=${gid} home=${folder}${all}`]]);
  }

  const all: Pairs =
    value.driver === 'static' && value.everybody === true ? [['allow_all_users', 'yes']] : [];
  return [
    ...sets(home, at, all),
    ...sets(
      home,
      [...at, {type: 'fields'}],
      [
        ['uid', uid],
        ['gid', gid],
        ['home', folder],
      ],
    ),
  ];
};

const plainFields = (at: readonly Block[], home: string, dialect: DovecotDialect): readonly DovecotEdit[] =>
  dialect === '2.3'
    ? [
        {op: 'block', at, state: 'present', home},
        {op: 'unset', at, key: 'override_fields'},
      ]
    : [{op: 'block', at, state: 'present', home}];

const storeFields = (
  {format, path}: MailStore,
  at: readonly Block[],
  home: string,
  dialect: DovecotDialect,
): readonly DovecotEdit[] =>
  dialect === '2.3'
    ? sets(home, at, [['override_fields', `mail=${format}:${renderPattern(path, dialect)}`]])
    : sets(
        home,
        [...at, {type: 'fields'}],
        [
          ['mail_driver', format],
          ['mail_path', renderPattern(path, dialect)],
          ...(format === 'maildir' ? [['mail_inbox_path', renderPattern(path, dialect)] as const] : []),
        ],
      );
