import test from 'ava';
import {broughtBeside, dropSetAside} from '../../src/system/set-aside.js';

const conf = '/etc/dovecot/dovecot.conf';

const dropped = (before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>) => {
  const gone: string[] = [];
  const stays = dropSetAside({paths: before}, {paths: now}, path => void gone.push(path));
  return {gone, stays};
};

test('a copy of what came back to its place goes', t => {
  t.deepEqual(dropped({[conf]: 'f 644 0:0 a'}, {[conf]: 'f 644 0:0 a', [`${conf}.rpmsave`]: 'f 644 0:0 a'}), {
    gone: [`${conf}.rpmsave`],
    stays: [],
  });
});

test('somebody’s work that was put aside stays, and is named', t => {
  const stays = [`${conf}.rpmsave`];
  t.deepEqual(dropped({}, {[`${conf}.rpmsave`]: 'f 644 0:0 b'}), {gone: [], stays});
  t.deepEqual(dropped({[conf]: 'f 644 0:0 a'}, {[conf]: 'f 644 0:0 a', [`${conf}.rpmsave`]: 'f 644 0:0 b'}), {
    gone: [],
    stays,
  });
});

test('what was put aside long before is not looked at', t => {
  const paths = {[conf]: 'f 644 0:0 a', [`${conf}.rpmsave`]: 'f 644 0:0 a'};
  t.deepEqual(dropped(paths, paths), {gone: [], stays: []});
});

test('a package’s own version beside a file that was kept is named, for both package managers', t => {
  const paths = {[`${conf}.rpmnew`]: 'f', '/etc/postfix/main.cf.dpkg-dist': 'f', [conf]: 'f'};
  t.deepEqual(broughtBeside({paths}), [`${conf}.rpmnew`, '/etc/postfix/main.cf.dpkg-dist']);
});
