import test from 'ava';
import {signingFacts} from '../../src/detect/signing.js';
import {makeKey} from '../../src/pki/certificate.js';
import {dkimPublicKey, dkimRecord} from '../../src/pki/dkim.js';
import type {Host} from '../../src/system/types.js';
import {nameServer, txt} from '../helpers/name-server.js';

const key = makeKey({algorithm: 'rsa-2048'});
const files = {read: () => Buffer.from(key)} as unknown as Host['files'];
const keys = 'next._domainkey.example.com example.com:next:/etc/opendkim/next.private\n';
const configured = (signers: string) => ({
  '/etc/opendkim/dovetail.keys': keys,
  '/etc/opendkim/dovetail.signers': signers,
});

test('a key that waits may take over only when DNS has exactly that key', async t => {
  const record = txt(...dkimRecord(dkimPublicKey(key) ?? ''));
  const server = await nameServer({});
  t.teardown(server.close);
  const look = () =>
    signingFacts({files}, configured('example.com mail._domainkey.example.com\n'), [server.at]);
  const name = 'next._domainkey.example.com';
  t.deepEqual(await look(), {published: {[name]: false}});
  server.setZone({[name]: [txt(...dkimRecord(dkimPublicKey(makeKey({algorithm: 'rsa-2048'})) ?? ''))]});
  t.deepEqual(await look(), {published: {[name]: false}});
  server.setZone({[name]: [record]});
  t.deepEqual(await look(), {published: {[name]: true}});
});

test('where no key waits, nobody is asked', async t => {
  t.is(
    await signingFacts({files}, configured('example.com next._domainkey.example.com\n'), ['127.0.0.1:9']),
    undefined,
  );
  t.is(await signingFacts({files}, {}, ['127.0.0.1:9']), undefined);
});
