import test from 'ava';
import type {Probe} from '../../src/core/probe.js';
import {runProbes} from '../../src/probes/index.js';
import type {ProbeContext} from '../../src/probes/types.js';

const secrets: Probe = {
  id: 'h',
  section: 'hardening',
  kind: 'secrets-kept',
  files: ['/etc/ssl/server.key', '/etc/postfix/sasl_passwd', '/etc/not-there'],
};
const files: Readonly<Record<string, string>> = {
  '/etc/ssl/server.key': 'KEY',
  '/etc/postfix/sasl_passwd': '[relay]:587 me:x',
  '/etc/postfix/sasl_passwd.db': '',
  '/etc/postfix/ldap-aliases.cf': 'server_host = ldap.example\nbind_pw = geheim\n',
  '/etc/postfix/other.cf': 'query = SELECT 1\n',
  '/etc/postfix/main.cf': 'password = no\n',
};

const context = (modes: Readonly<Record<string, string>>, type = 'ext2/ext3'): ProbeContext =>
  ({
    host: {
      files: {
        lstat: (path: string) => (files[path] === undefined ? undefined : {type: 'file'}),
        list: (folder: string) =>
          Object.keys(files).flatMap(path =>
            path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [],
          ),
        read: (path: string) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
      },
      run: async (_file: string, args: readonly string[]) => ({
        exitCode: 0,
        stderr: '',
        stdout: args.includes('-f')
          ? `${type}\n`
          : args
              .slice(args.indexOf('--') + 1)
              .map(path => `${modes[path] ?? '600'} ${path}`)
              .join('\n'),
      }),
    },
  }) as unknown as ProbeContext;

const said = async (probe: Probe, given: ProbeContext) =>
  (await runProbes([probe], given, undefined, () => undefined)).map(
    ({severity, summary}) => `${severity} ${summary.en}`,
  );

test('files with passwords or keys that root and their server alone can read are kept', async t => {
  const [line = ''] = await said(
    secrets,
    context({'/etc/postfix/other.cf': '644', '/etc/postfix/main.cf': '644'}),
  );
  t.regex(line, /^pass .*none \(4 looked at\)/);
});

test('a table made from one, or a password of a directory, that everybody can read is named', async t => {
  for (const path of ['/etc/postfix/sasl_passwd.db', '/etc/postfix/ldap-aliases.cf', '/etc/ssl/server.key']) {
    const [line = ''] = await said(secrets, context({[path]: '644'}));
    t.true(line.startsWith('fail') && line.includes(path), line);
  }
});

test('a queue on a file system of another machine is named', async t => {
  const queue: Probe = {id: 'q', section: 'hardening', kind: 'queue-is-local', path: '/var/spool/postfix'};
  t.regex((await said(queue, context({})))[0] ?? '', /^pass/);
  for (const type of ['nfs', 'smb2', 'ceph']) {
    t.regex((await said(queue, context({}, type)))[0] ?? '', /^fail/, type);
  }
});
