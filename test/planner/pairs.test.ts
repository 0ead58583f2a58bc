import test from 'ava';
import type {AllAnswers} from '../../src/core/question.js';
import {completeAnswers} from '../helpers/facts.js';
import {applyWants, contentsOf, factsOn, stockImage, undoSection} from '../helpers/law.js';
import {differing} from '../helpers/oracle.js';
import {allWants} from '../helpers/sections.js';
import {stocks} from '../helpers/stock.js';

// The law of the fold: undo A after A and B is B alone, byte for byte, for every pair of sections.
const isFull = process.env['DOVETAIL_FULL'] === '1';
const scenes: Readonly<Record<string, AllAnswers>> = {
  complete: completeAnswers({
    protocols: {services: ['imap', 'pop3'], ports: 'tls-and-starttls'},
    relay: {how: 'smarthost', host: 'relay.example.net', user: 'me', password: {held: 'r'}},
  }),
  'users of the machine': completeAnswers({
    auth: {backends: ['pam']},
    'auth-pam': {accounts: [{name: 'anna', password: {held: 'a'}}]},
  }),
  filters: completeAnswers({
    signing: {sign: true},
    filter: {attachments: true, spam: 'rspamd', viruses: 'clamav'},
    'brute-force': {how: 'fail2ban'},
  }),
  gateway: {
    role: {kind: 'postfix-only', hostname: 'mx.example.com', domains: ['example.com']},
    tls: {source: 'self-signed'},
    smtp: {admin: 'anna@example.com'},
    delivery: {host: 'imap.example.com'},
    submission: {login: 'tcp', login_in_clear: true},
    relay: {how: 'direct'},
  },
  'two servers': completeAnswers({
    sieve: {filter: true},
    replication: {
      mode: 'pair',
      partner: 'mail2.example.com',
      addresses: ['192.0.2.6'],
      password: {held: 'p'},
    },
  }),
  'people of a directory': completeAnswers({
    auth: {backends: ['passwd-file', 'ldap']},
    'auth-ldap': {
      servers: ['ldaps://ldap.example.com'],
      ca: '/etc/ssl/certs/ca.pem',
      base: 'ou=people,dc=example,dc=com',
      bind_dn: 'cn=mail,dc=example,dc=com',
      bind_password: {held: 'b'},
    },
    'ldap-lookup': {use: true},
  }),
  'accounts in a database': completeAnswers({
    auth: {backends: ['passwd-file', 'sql']},
    'auth-sql': {
      engine: 'mysql',
      host: 'db.example.com',
      ca: '/etc/ssl/certs/ca.pem',
      database: 'mail',
      user: 'dovecot',
      password: {held: 'd'},
      sample: '',
    },
  }),
  'null client': {
    role: {kind: 'null-client', hostname: 'web.example.com'},
    smtp: {admin: 'anna@example.com'},
    relay: {how: 'smarthost', host: 'relay.example.net'},
  },
};

// Where the others have been tried with one another already.
const only: Readonly<Record<string, readonly string[]>> = {
  filters: ['smtp', 'submission', 'filter', 'signing', 'brute-force'],
  'two servers': ['tls', 'protocols', 'lmtp', 'sieve', 'replication'],
};

// Sections that a scene is there for: the pairs of the others are those of another scene.
const about: Readonly<Record<string, readonly string[]>> = {
  'people of a directory': ['auth-ldap', 'ldap-lookup'],
  'accounts in a database': ['auth-sql'],
};

for (const stock of stocks().there) {
  for (const [scene, answers] of Object.entries(scenes)) {
    // Debian's packages leave files beside the configuration that everybody may read, until they hold a password.
    const isOpen = stock.name === 'debian-bookworm' && about[scene] !== undefined;
    if (!isFull && !isOpen && !stock.name.startsWith('own-')) {
      continue;
    }

    // What a gateway has of its own is Postfix's, which is alike on all of them.
    if (scene === 'gateway' && !isFull && stock.name !== 'own-el9') {
      continue;
    }

    // Two servers: only where Dovecot has a replicator, and files of its own are read.
    const canPair =
      stock.facts.dovecot?.dialect === '2.3' &&
      stock.facts.files['/etc/dovecot/conf.d/10-mail.conf'] !== undefined;
    const wants = allWants({answers, facts: stock.facts, platform: stock.platform}).filter(
      ({section}) => section !== 'replication' || canPair,
    );
    const sections = [...new Set(wants.map(({section}) => section))].filter(
      name => only[scene]?.includes(name) ?? true,
    );
    const of = (...names: readonly string[]) => wants.filter(({section}) => names.includes(section));
    const bare = stockImage(stock);
    const isMeant = (...pair: readonly string[]) =>
      about[scene] === undefined || pair.some(name => about[scene]?.includes(name) === true);
    const alone = (name: string) => applyWants(stock, bare, of(name), stock.facts);

    test(`${stock.name}, ${scene}: either of two sections goes back as if it had never been asked for`, async t => {
      let pairs = 0;
      for (const stays of sections) {
        const wanted = contentsOf((await alone(stays)).image);
        for (const goes of sections.filter(name => name !== stays && isMeant(name, stays))) {
          const title = `${goes} goes, ${stays} stays`;
          const both = await applyWants(stock, bare, of(goes, stays), stock.facts);
          const left = await undoSection(stock, both, goes);
          t.deepEqual(differing(wanted, contentsOf(left.image)), [], title);

          const first = await alone(goes);
          const second = await applyWants(stock, first.image, of(stays), factsOn(stock, first.image));
          const later = await undoSection(stock, {image: second.image, id: first.id}, goes);
          t.deepEqual(differing(wanted, contentsOf(later.image)), [], `one after the other: ${title}`);
          pairs += 1;
        }
      }

      t.true(pairs > 5);
      t.log(`${pairs} of ${pairs} pairs, together and one after the other`);
    });
  }
}
