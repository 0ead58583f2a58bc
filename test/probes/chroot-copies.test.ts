import test from 'ava';
import {runProbes} from '../../src/probes/index.js';
import type {ProbeContext} from '../../src/probes/types.js';

const folder = '/var/spool/postfix/etc';
const said = async (contents: Readonly<Record<string, string>>, chroot = 'y') => {
  const context = {
    host: {
      files: {
        list: (path: string) =>
          Object.keys(contents).flatMap(name =>
            name.startsWith(`${path}/`) ? [name.slice(path.length + 1)] : [],
          ),
        lstat: (path: string) => (contents[path] === undefined ? undefined : {type: 'file'}),
        read: (path: string) => (contents[path] === undefined ? undefined : Buffer.from(contents[path])),
      },
    },
    facts: {postfix: {services: [{columns: {chroot}}], queueDirectory: '/var/spool/postfix'}},
  } as unknown as ProbeContext;
  const found = await runProbes(
    [{id: 'c', section: 'smtp', kind: 'chroot-copies'}],
    context,
    undefined,
    () => undefined,
  );
  return found.map(({severity, summary}) => `${severity} ${summary.en}`);
};
const fresh = {
  '/etc/resolv.conf': 'nameserver 192.0.2.1\n',
  '/etc/hosts': '127.0.0.1 localhost\n',
  [`${folder}/resolv.conf`]: 'nameserver 192.0.2.1\n',
  [`${folder}/hosts`]: '127.0.0.1 localhost\n',
};

test('copies that are those of /etc are good; a copy of what is gone says nothing', async t => {
  t.regex((await said({...fresh, [`${folder}/host.conf`]: 'x'})).join('\n'), /^pass .*same name servers/);
});

test('old copies are named, all of them', async t => {
  const found = await said({...fresh, [`${folder}/resolv.conf`]: 'nameserver 192.0.2.9\n', '/etc/hosts': ''});
  t.regex(found.join('\n'), /^warning .*resolv\.conf, hosts\./);
});

test('a chroot without resolv.conf is said, and takes no change back: a name server may run beside it', async t => {
  const {[`${folder}/resolv.conf`]: _gone, ...rest} = fresh;
  t.regex((await said(rest)).join('\n'), /^warning .*no resolv\.conf/);
});

test('without a chroot there is nothing to say', async t => {
  t.deepEqual(await said({...fresh, [`${folder}/hosts`]: 'other'}, 'n'), []);
});
