import type {Finding} from '../../core/finding.js';
import {escapeFilterValue, type Filter, parseFilter} from '../../core/ldap/filter.js';
import {escapeNameValue} from '../../core/ldap/name.js';
import {everybody, neutralPattern} from '../../core/ldap/pattern.js';
import {type LdapUri, parseLdapUri} from '../../core/ldap/server.js';
import type {LiveCheck} from '../../core/question.js';
import {fill, type Text, visibleLine} from '../../core/text.js';
import type {ProbeContext} from '../types.js';
import {caProblem, caText} from './ca.js';
import {type LdapClient, type LdapResult, openLdap} from './client.js';
import {type Explained, ofError, ofResult, texts} from './words.js';

type Check = Extract<LiveCheck, {kind: 'ldap'}>;
type Context = Pick<ProbeContext, 'host' | 'open'>;

/** Asks a directory what Dovecot and Postfix will ask it, as far as the stage goes; each failure in words, within five seconds. */
export const askDirectory = async (check: Check, context: Context): Promise<readonly Finding[]> => {
  const {server, stage} = check;
  const verify = stage !== 'connect';
  const private_ = verify && isEncrypted(check) ? caProblem(server.ca, context.host.files) : undefined;
  if (private_ !== undefined) {
    return [failed(check, private_)];
  }

  const ca = verify ? caText(server.ca, context.host.files) : '';
  const uris = server.uris.flatMap(uri => parseLdapUri(uri) ?? []);
  const tried = await Promise.all(
    uris.map(async uri => ({uri, ...(await opened(uri, {ca, verify, starttls: server.starttls}))})),
  );
  const [first, ...others] = tried.flatMap(({client}) => client ?? []);
  const problems = tried.flatMap(({uri, problem}) =>
    problem === undefined
      ? []
      : [failed(check, {...problem, values: {...problem.values, server: nameOf(uri)}})],
  );
  others.forEach(({close}) => void close());
  if (first === undefined) {
    return problems;
  }

  try {
    // One of several that is not there is no reason to stop: the next is asked.
    const warnings = problems.map(finding => ({...finding, severity: 'warning' as const}));
    return [...warnings, ...(await further(check, first, context))];
  } catch (error) {
    return [failed(check, ofError(error))];
  } finally {
    first.close();
  }
};

const isEncrypted = ({server}: Check) => server.starttls || server.uris.some(uri => uri.startsWith('ldaps:'));

type Options = {readonly ca: string; readonly verify: boolean; readonly starttls: boolean};

const opened = async (
  uri: LdapUri,
  {starttls, ...trust}: Options,
): Promise<{readonly client?: LdapClient; readonly problem?: Explained}> => {
  let client: LdapClient | undefined;
  try {
    client = await openLdap(uri, trust);
    const result = starttls && !uri.tls ? await client.startTls() : done;
    if (result.code === 0) {
      return {client};
    }

    client.close();
    return {problem: {...ofResult(result), summary: texts.noStartTls, remedy: texts.noStartTlsRemedy}};
  } catch (error) {
    client?.close();
    return {problem: ofError(error)};
  }
};

const done: LdapResult = {code: 0, message: ''};
const nameOf = ({tls, host, port}: LdapUri) =>
  `${tls ? 'ldaps' : 'ldap'}://${host.includes(':') ? `[${host}]` : host}:${port}`;

const further = async (check: Check, client: LdapClient, context: Context): Promise<readonly Finding[]> => {
  const {server, stage, template} = check;
  if (stage === 'connect' || stage === 'tls') {
    return [passed(check, stage === 'connect' ? texts.answers : texts.vouched)];
  }

  if (stage === 'login' && template !== undefined) {
    return [await login(check, client, namedBy(template, check.person ?? ''), context)];
  }

  const password = server.bind === undefined ? undefined : context.open(server.bind.password);
  if (server.bind !== undefined && password === undefined) {
    return [unchecked(check)];
  }

  const bound = server.bind === undefined ? done : await client.bind(server.bind.dn, password);
  if (bound.code !== 0) {
    return [
      failed(check, {
        ...ofResult(bound),
        ...(bound.code === 49 ? {summary: texts.bind, remedy: texts.bindRemedy} : {}),
      }),
    ];
  }

  const base = await client.search(server.base, 'base', {kind: 'present', attribute: 'objectClass'});
  if (base.code !== 0 || base.entries.length === 0) {
    return [
      failed(check, base.code === 0 ? {summary: texts.noRight, remedy: texts.noRightRemedy} : ofResult(base)),
    ];
  }

  if (stage === 'base') {
    return [passed(check, texts.base)];
  }

  const [finding, dn] = await find(check, client);
  return stage === 'login' && dn !== undefined ? [await login(check, client, dn, context)] : [finding];
};

const find = async (check: Check, client: LdapClient): Promise<readonly [Finding, string?]> => {
  const {server, filter = '', person = ''} = check;
  const asked = filterFor(filter, person);
  if (asked === undefined) {
    return [failed(check, {summary: texts.filter, remedy: texts.nobodyRemedy})];
  }

  const {entries, code, ...rest} = await client.search(server.base, server.scope, asked);
  const [entry, second] = entries;
  if (second !== undefined || code === 4) {
    return [
      failed(check, {
        summary: texts.two,
        remedy: texts.twoRemedy,
        values: {dn: entries.map(({dn}) => dn).join('; ')},
      }),
    ];
  }

  if (code !== 0) {
    return [failed(check, ofResult({code, ...rest}))];
  }

  if (entry !== undefined) {
    return [passed(check, texts.found, {dn: entry.dn}), entry.dn];
  }

  const all = parseFilter(everybody(filter));
  const others = all === undefined ? undefined : await client.search(server.base, server.scope, all);
  return [
    failed(
      check,
      others !== undefined && others.entries.length === 0
        ? {summary: texts.nobodyAtAll, remedy: texts.nobodyAtAllRemedy}
        : {summary: texts.nobody, remedy: texts.nobodyRemedy},
    ),
  ];
};

const login = async (check: Check, client: LdapClient, dn: string, {open}: Context): Promise<Finding> => {
  const password = check.password === undefined ? undefined : open(check.password);
  // An empty password is nobody’s: the directory would say yes (RFC 4513, 5.1.2).
  if (password === undefined || password.reveal() === '') {
    return unchecked(check);
  }

  const {code, message} = await client.bind(dn, password);
  return code === 0
    ? passed(check, texts.login, {dn})
    : failed(check, {
        ...ofResult({code, message}),
        ...(code === 49 ? {summary: texts.wrongPassword, remedy: texts.wrongPasswordRemedy} : {}),
        values: {dn},
      });
};

const partsOf = (person: string) => {
  const at = person.lastIndexOf('@');
  return at === -1
    ? {user: person, name: person, domain: ''}
    : {user: person, name: person.slice(0, at), domain: person.slice(at + 1)};
};

type Variable = 'user' | 'name' | 'domain';

const filled = (pattern: string, person: string, quote: (value: string) => string) =>
  neutralPattern(pattern).replaceAll(/\{(user|name|domain)\}/g, (_whole, name: Variable) =>
    quote(partsOf(person)[name]),
  );

const filterFor = (filter: string, person: string): Filter | undefined =>
  parseFilter(filled(filter, person, escapeFilterValue));
const namedBy = (template: string, person: string) =>
  filled(template, person, template.includes('=') ? escapeNameValue : value => value);

const common = (check: Check) => ({
  id: `live:ldap:${check.stage}`,
  section: check.section,
});

const valuesOf = ({server, person = ''}: Check) => ({
  server: server.uris.join(' '),
  ca: server.ca,
  base: server.base,
  who: server.bind?.dn ?? '(anonymous)',
  person,
});

const passed = (check: Check, summary: Text, values: Explained['values'] = {}): Finding => ({
  ...common(check),
  severity: 'pass',
  summary: fill(summary, {...valuesOf(check), ...shown(values)}),
});

const failed = (check: Check, {summary, remedy, evidence, values}: Explained): Finding => {
  const all = {...valuesOf(check), ...shown(values)};
  return {
    ...common(check),
    severity: 'fail',
    summary: fill(summary, all),
    remedy: fill(remedy, all),
    ...(evidence === undefined || evidence === '' ? {} : {evidence: [visibleLine(evidence, 300)]}),
  };
};

const unchecked = (check: Check): Finding => ({
  ...common(check),
  severity: 'unchecked',
  summary: fill(texts.unchecked, valuesOf(check)),
  remedy: texts.uncheckedRemedy,
});

// What a directory says may be as long as it likes.
const shown = (values: Explained['values'] = {}) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, visibleLine(value, 300)]));
