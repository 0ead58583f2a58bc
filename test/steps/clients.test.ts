import test from 'ava';
import {autoconfig, muttrc} from '../../steps/lib/client-files.js';
import {completeAnswers} from '../helpers/facts.js';

type Element = {readonly name: string; readonly attributes: string; readonly children: (Element | string)[]};

/** Reads XML without namespaces and entities of its own (XML 1.0, 2.1); throws where it is not well-formed. */
const parse = (xml: string): Element => {
  const root: Element = {name: '', attributes: '', children: []};
  const open = [root];
  const rest = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/, '');
  for (const [token, close, name, attributes = '', empty] of rest.matchAll(
    /<(\/?)([A-Za-z][\w.-]*)((?:\s+[A-Za-z][\w.-]*="[^"<&]*")*)\s*(\/?)>|[^<]+|</g,
  )) {
    const top = open.at(-1) ?? root;
    if (token === '<' || (name === undefined && /&(?!#\d+;|(?:amp|lt|gt|quot|apos);)/.test(token))) {
      throw new Error(`not well-formed at ${token}`);
    }

    if (name === undefined) {
      if (token.trim() !== '') {
        top.children.push(token.trim());
      }
    } else if (close === '/') {
      if (open.pop()?.name !== name) {
        throw new Error(`</${name}> closes something else`);
      }
    } else {
      const element = {name, attributes: attributes.trim(), children: []};
      top.children.push(element);
      if (empty !== '/') {
        open.push(element);
      }
    }
  }

  const [element, ...more] = root.children;
  if (open.length !== 1 || more.length > 0 || typeof element !== 'object') {
    throw new Error('not one whole element');
  }

  return element;
};

const at = (element: Element, name: string) =>
  element.children.filter((child): child is Element => typeof child === 'object' && child.name === name);
const said = (element: Element, name: string) => at(element, name)[0]?.children.join('');

test('the autoconfig file is well-formed, and names every way in, the preferred one first', t => {
  const answers = completeAnswers({
    role: {kind: 'complete', hostname: 'mail.example.com', domains: ['example.com', 'example.net']},
    protocols: {services: ['imap', 'pop3'], starttls: true},
  });
  const config = parse(autoconfig(answers) ?? '');
  t.is(config.name, 'clientConfig');
  t.is(config.attributes, 'version="1.1"');
  const [provider] = at(config, 'emailProvider');
  t.truthy(provider);
  if (provider === undefined) {
    return;
  }

  t.deepEqual(
    at(provider, 'domain').map(({children}) => children[0]),
    ['example.com', 'example.net'],
  );
  const servers = (name: string) =>
    at(provider, name).map(server =>
      [
        server.attributes,
        ...['hostname', 'port', 'socketType', 'username', 'authentication'].map(part => said(server, part)),
      ].join(' '),
    );
  const tail = '%EMAILADDRESS% password-cleartext';
  t.is(servers('incomingServer')[0], `type="imap" mail.example.com 993 SSL ${tail}`);
  t.true(servers('incomingServer').includes(`type="pop3" mail.example.com 995 SSL ${tail}`));
  t.is(servers('outgoingServer')[0], `type="smtp" mail.example.com 465 SSL ${tail}`);
  t.true(servers('outgoingServer').every(server => /465 SSL|587 STARTTLS/.test(server)));
});

test('the reader of the test finds what is not well-formed', t => {
  for (const wrong of ['<a><b></a></b>', '<a>', '<a/><b/>', '<a>x & y</a>', '<a b=c/>', 'x']) {
    t.throws(() => parse(wrong), undefined, wrong);
  }
});

test('users of the machine log in with their name', t => {
  const answers = completeAnswers({auth: {backends: ['pam']}});
  t.regex(autoconfig(answers) ?? '', /<username>%EMAILLOCALPART%<\/username>/);
});

test('where nobody reads mail there is no file', t => {
  const answers = {role: {kind: 'null-client', hostname: 'web.example.com'}};
  t.is(autoconfig(answers), undefined);
  t.is(muttrc(answers), undefined);
});

test('mutt reads a home’s Maildir as 001 has it, and everybody else’s mail by IMAP with TLS', t => {
  const home = muttrc(completeAnswers({auth: {backends: ['pam']}})) ?? '';
  t.regex(home, /^set mbox_type=Maildir$/m);
  t.regex(home, /^set folder="~\/Maildir"$/m);
  t.regex(home, /^set spoolfile="~\/Maildir"$/m);
  t.regex(home, /^set record="\+\.Sent"$/m);
  const list = muttrc(completeAnswers()) ?? '';
  t.regex(list, /^set folder="imaps:\/\/mail\.example\.com:993\/"$/m);
  t.regex(list, /^set smtp_url="smtps:\/\/\$my_login@mail\.example\.com:465\/"$/m);
  t.regex(list, /^set my_login="\$my_address"$/m);
  t.notRegex(list, /Maildir/);
});
