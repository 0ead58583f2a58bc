import {rowsOf} from '../config/rows/edit.js';
import type {Change, ChangeOf} from '../core/change.js';
import type {DovecotDialect} from '../core/edit.js';
import type {Facts} from '../core/facts.js';
import type {Platform} from '../core/platform.js';
import type {RowsWant, Want} from '../core/want.js';
import {ldapRows} from './dialects/ldap.js';
import {readDovecot} from './dialects/read.js';
import {optionFileText, sqlOptionFile, sqlRows} from './dialects/sql.js';
import type {OwnedWant} from './wants.js';

/** Changes for everything that is not a setting of Dovecot or Postfix, nor a port. */
export const resourceChanges = ({
  wants,
  facts,
  platform,
}: {
  readonly wants: readonly OwnedWant[];
  readonly facts: Facts;
  readonly platform: Pick<Platform, 'dovecot'>;
}): readonly Change[] => {
  const dialect = facts.dovecot?.dialect ?? platform.dovecot;
  const changes = new Map<string, Change>();
  const add = (change: Change) => {
    const earlier = changes.get(change.id);
    changes.set(change.id, earlier === undefined ? change : joined(earlier, change));
  };

  let known = facts;
  for (const {section, want} of wants) {
    for (const change of changesOf(section, want, known, dialect)) {
      add(change);
      known = change.kind === 'user.create' ? withUser(known, change) : known;
    }
  }

  return [...changes.values()];
};

const changesOf = (section: string, want: Want, facts: Facts, dialect: DovecotDialect): readonly Change[] => {
  const sections = [section];
  switch (want.kind) {
    case 'user':
      return [userCreate(sections, want, facts)];
    case 'shell': {
      const {user: name, shell} = want;
      return [{id: `user.shell ${name}`, sections, kind: 'user.shell', name, shell}];
    }
    case 'directory': {
      const {owner, group, mode, path} = want;
      return [{id: `directory.create ${path}`, sections, kind: 'directory.create', path, owner, group, mode}];
    }
    case 'label': {
      const {path, type} = want;
      return facts.selinux === 'disabled'
        ? []
        : [{id: `selinux.label ${path}`, sections, kind: 'selinux.label', path, type}];
    }
    case 'alternative': {
      const {name, path} = want;
      return [{id: `alternative.set ${name}`, sections, kind: 'alternative.set', name, path}];
    }
    case 'selinux.port':
    case 'selinux.boolean':
      return facts.selinux === 'disabled' ? [] : [policyChange(sections, want)];
    case 'file':
      return fileChange(sections, want, facts);
    case 'rows':
      return rowsChanges(section, want);
    case 'accounts-database': {
      const {engine, database, table, reader, accounts} = want;
      const id = `database.make ${engine}:${database}`;
      return [{id, sections, kind: 'database.make', engine, database, table, reader, accounts}];
    }
    case 'issued-certificate': {
      const {order} = want;
      return [{id: `certificate.issue ${order.lineage}`, sections, kind: 'certificate.issue', order}];
    }
    case 'block':
      return besideConfiguration(section, want, dialect, facts);
    case 'service': {
      const on = want.state === 'present';
      return [
        {
          id: `service.state ${want.unit}`,
          sections,
          kind: 'service.state',
          unit: want.unit,
          enabled: on,
          active: on,
        },
      ];
    }
    default:
      return [];
  }
};

const policyChange = (
  sections: readonly string[],
  want: Extract<Want, {kind: 'selinux.port' | 'selinux.boolean'}>,
): Change => {
  if (want.kind === 'selinux.boolean') {
    const {kind, name, value} = want;
    return {id: `${kind} ${name}`, sections, kind, name, value, lasting: true};
  }

  const {kind, port, type, state} = want;
  return {
    id: `${kind} ${port}/tcp`,
    sections,
    kind,
    port,
    protocol: 'tcp',
    type,
    enough: mailPortTypes,
    state,
  };
};

// What Dovecot may listen on in Fedora's and in the reference policy (dovecot.te).
const mailPortTypes = ['lmtp_port_t', 'pop_port_t', 'sieve_port_t', 'smtp_port_t'];

// What Dovecot reads from files beside its configuration, and secrets.
const besideConfiguration = (
  section: string,
  want: Extract<Want, {kind: 'block'}>,
  dialect: DovecotDialect,
  facts: Facts,
): readonly Change[] => {
  const beside = sqlRows(want, dialect) ?? ldapRows(want, dialect);
  const rows =
    beside === undefined || !isAsked(want, beside.file, facts) ? undefined : thatAreThere(beside, facts);
  const options =
    want.at === 'database' && want.state === 'present' ? optionFileText(want.value, dialect) : undefined;
  return [
    ...(rows === undefined ? [] : rowsChanges(section, rows)),
    ...(options === undefined
      ? []
      : [
          {
            id: `file.write ${sqlOptionFile}`,
            sections: [section],
            kind: 'file.write' as const,
            path: sqlOptionFile,
            content: [{text: options}],
            secret: false,
            owner: 'root',
            group: 'root',
            mode: 0o644,
          },
        ]),
  ];
};

// A file that nobody asked of is not ours to take something out of.
const isAsked = ({at, value, state}: Extract<Want, {kind: 'block'}>, file: string, facts: Facts) =>
  state === 'present' ||
  (at === 'passdb' &&
    readDovecot(facts).passdbs.some(
      ({driver, values}) => driver === value.driver && [undefined, file].includes(values['args']),
    ));

// A file that is not there is not made to have nothing in it, and what it does not say is not taken out of it.
const thatAreThere = (want: RowsWant, {files}: Facts): RowsWant | undefined => {
  const there = rowsOf(files[want.file] ?? '', 'settings');
  const rows = want.rows.filter(({key, state}) => state === 'present' || there.has(key));
  return rows.length === 0 ? undefined : {...want, rows};
};

// The next free number counts the users of this plan too.
const withUser = (facts: Facts, {name, uid, group, gid, home, shell}: ChangeOf<'user.create'>): Facts => ({
  ...facts,
  users: [...facts.users.filter(user => user.name !== name), {name, uid, gid, home, shell}],
  groups: [...facts.groups.filter(entry => entry.name !== group), {name: group, gid, members: []}],
});

const userCreate = (
  sections: readonly string[],
  want: Extract<Want, {kind: 'user'}>,
  facts: Facts,
): ChangeOf<'user.create'> => {
  const {name, group, home, shell, comment} = want;
  const there = facts.users.find(user => user.name === name);
  const uid = there?.uid ?? want.uid ?? nextFree(facts.users.map(user => user.uid));
  const groupThere = facts.groups.find(entry => entry.name === group);
  const gid =
    groupThere?.gid ??
    want.gid ??
    nextFree([...facts.groups.map(entry => entry.gid), ...(uid >= 1000 ? [] : [uid])], uid);
  return {
    id: `user.create ${name}`,
    sections,
    kind: 'user.create',
    name,
    uid,
    group,
    gid,
    home,
    shell,
    comment,
    ...(want.password === undefined ? {} : {password: want.password}),
  };
};

// Ordinary users start at 1000 (login.defs(5) UID_MIN); nobody is 65534.
const nextFree = (used: readonly number[], wish = 1000) => {
  const taken = new Set(used);
  let candidate = wish;
  while (taken.has(candidate)) {
    candidate += 1;
  }

  return candidate;
};

const fileChange = (
  sections: readonly string[],
  want: Extract<Want, {kind: 'file'}>,
  facts: Facts,
): readonly Change[] => {
  const {path} = want;
  if (want.state === 'absent') {
    return [{id: `file.delete ${path}`, sections, kind: 'file.delete', path}];
  }

  if (want.keep === true && (facts.files[path] !== undefined || facts.paths[path]?.type === 'file')) {
    return [];
  }

  const {owner, group, mode, content, secret = false} = want;
  const write: Change = {
    id: `file.write ${path}`,
    sections,
    kind: 'file.write',
    path,
    content,
    secret,
    ...(want.shown === undefined ? {} : {shown: want.shown}),
    owner,
    group,
    mode,
  };
  return want.compile === undefined
    ? [write]
    : [write, {id: `script.compile ${path}`, sections, kind: 'script.compile', source: path}];
};

const rowsChanges = (section: string, want: RowsWant): readonly Change[] => {
  const {file, format, rows, ownership, compile, secret = false, bulk} = want;
  const edit: ChangeOf<'rows.edit'> = {
    id: `rows.edit ${file}`,
    sections: [section],
    kind: 'rows.edit',
    path: file,
    format,
    rows: rows.map(row => ({section, ...row})),
    ...(bulk === undefined ? {} : {bulk: [{section, ...bulk}]}),
    secret,
    ...ownership,
  };
  return compile === undefined
    ? [edit]
    : [
        edit,
        {
          id: `map.compile ${compile}:${file}`,
          sections: [section],
          kind: 'map.compile',
          source: file,
          type: compile,
        },
      ];
};

const joined = (earlier: Change, later: Change): Change => {
  const sections = [...new Set([...earlier.sections, ...later.sections])];
  return earlier.kind === 'rows.edit' && later.kind === 'rows.edit'
    ? {
        ...earlier,
        sections,
        rows: [...earlier.rows, ...later.rows],
        ...(earlier.bulk === undefined && later.bulk === undefined
          ? {}
          : {bulk: [...(earlier.bulk ?? []), ...(later.bulk ?? [])]}),
        secret: earlier.secret || later.secret,
      }
    : {...earlier, sections};
};
