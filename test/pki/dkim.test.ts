import {createPublicKey} from 'node:crypto';
import test from 'ava';
import {createTransport} from 'nodemailer';
import {makeKey} from '../../src/pki/certificate.js';
import {dkimPublicKey, dkimRecord, publishedKey, verifySignatures} from '../../src/pki/dkim.js';

const privateKey = makeKey({algorithm: 'rsa-2048'});
const publicKey = dkimPublicKey(privateKey) ?? '';

// Signed by another program than the one that verifies here.
const signed = async (text = 'Words  with blanks \r\nand a line.\r\n\r\n\r\n') => {
  const transport = createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'windows',
    dkim: {domainName: 'example.com', keySelector: 'mail', privateKey},
  });
  const {message} = await transport.sendMail({
    from: 'Anna <anna@example.com>',
    to: 'carl@example.net',
    subject: 'A subject that is long enough to be folded somewhere, since it has so many words in it',
    text,
  });
  return (message as Buffer).toString('latin1');
};
const keyOf = (domain: string, selector: string) =>
  domain === 'example.com' && selector === 'mail' ? publicKey : undefined;
const found = {domain: 'example.com', selector: 'mail'};

test('a signature holds by its key, also when blanks at the ends of lines changed on the way', async t => {
  const message = await signed();
  t.deepEqual(verifySignatures(message, keyOf), [found]);
  t.deepEqual(verifySignatures(message.replace('From: Anna', 'from:   Anna'), keyOf), [found]);
  t.deepEqual(verifySignatures(`Received: by somebody\r\n\tfor one\r\n${message}`, keyOf), [found]);
});

test('a changed body, a changed header and a key that is not theirs are told apart', async t => {
  const message = await signed();
  t.is(verifySignatures(message.replace('blanks', 'blanck'), keyOf)[0]?.problem, 'body');
  t.is(verifySignatures(message.replace('carl@', 'carla@'), keyOf)[0]?.problem, 'headers');
  const other = dkimPublicKey(makeKey({algorithm: 'rsa-2048'}));
  t.is(verifySignatures(message, () => other)[0]?.problem, 'headers');
  t.deepEqual(
    verifySignatures(message, () => undefined),
    [],
  );
  t.deepEqual(verifySignatures('Subject: x\r\n\r\nWords.\r\n', keyOf), []);
  t.is(verifySignatures('DKIM-Signature: d=example.com; s=mail\r\n\r\n', keyOf)[0]?.problem, 'syntax');
});

test('the record holds the key in strings that DNS can carry, and is read back however it was cut', t => {
  const strings = dkimRecord(publicKey);
  t.true(strings.every(text => text.length <= 255));
  t.is(publishedKey(strings.join('')), publicKey);
  t.is(publishedKey(`v=DKIM1;k=rsa;p=${publicKey.slice(0, 100)} ${publicKey.slice(100)}`), publicKey);
  t.is(publishedKey('v=spf1 mx -all'), undefined);
  t.is(publishedKey(`v=DKIM2; p=${publicKey}`), undefined);
  const key = createPublicKey({key: Buffer.from(publicKey, 'base64'), type: 'spki', format: 'der'});
  t.is(key.asymmetricKeyDetails?.modulusLength, 2048);
  t.is(dkimPublicKey('no key'), undefined);
});
