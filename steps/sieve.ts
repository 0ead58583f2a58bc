import {yesNo} from '../src/core/question.js';
import type {Probe} from '../src/core/probe.js';
import {defineStep} from '../src/core/step.js';
import type {Want} from '../src/core/want.js';
import {readDovecot} from '../src/planner/dialects/read.js';
import {askedAt, isEverywhere, isReadElsewhere, listenOf, readAt, socketsOf} from './lib/listen.js';
import {probeAccountOf} from './lib/people.js';
import {port} from './lib/ports.js';
import {hasDovecot, hasManageSieve, hasSieve, hasSpamFolder, hostnameOf, tlsFilesOf} from './lib/read.js';
import {sieveNotes} from './lib/sieve-notes.js';
import {deliveryPath} from './lib/sieve-path.js';
import {filterWants, managesieveWants, personalWants, spamScript, spamWants} from './lib/sieve-wants.js';

/** Mail is sorted as it arrives: rules of each user's own, and the server's for what was tagged as spam. */
export const sieve = defineStep({
  id: 'sieve',
  side: 'dovecot',
  title: {en: 'Sorting mail (Sieve)', ja: 'メールの振り分け (Sieve)'},
  why: {
    en: 'Mail is put into folders as it arrives, also while no mail program runs.',
    ja: 'メールソフトが動いていなくても、届いたメールをフォルダーに分けます。',
  },
  needs: ['role', 'tls', 'mailboxes', 'lmtp'],
  owns: [
    'protocols sieve',
    'lmtp.plugins sieve',
    'lda.plugins sieve',
    'sieve.script*',
    'listener.inet managesieve-login*',
    'port:4190',
    'path:/etc/dovecot/sieve*',
  ],
  applies: (_facts, all) => hasDovecot(all),
  questions: {
    filter: yesNo({
      ask: {en: 'Sort mail into folders as it arrives?', ja: '届いたメールをフォルダーに振り分けますか。'},
      help: {
        en: 'Dovecot’s Sieve does it while it stores the message.',
        ja: '保存する時に Dovecot の Sieve が行います。',
      },
      why: {
        en: 'Rules in a mail program work only while that program runs.',
        ja: 'メールソフトの規則は、そのソフトが動いている間しか働きません。',
      },
      level: 'advanced',
      initial: () => false,
    }),
    managesieve: yesNo({
      ask: {
        en: 'May people put up rules of their own (ManageSieve, port 4190)?',
        ja: '利用者が自分の規則を登録できるようにしますか (ManageSieve、ポート 4190)。',
      },
      help: {
        en: 'For mail programs and webmail that edit filters on the server; only over TLS (STARTTLS).',
        ja: 'サーバーの規則を編集するメールソフトや Web メール用です。TLS (STARTTLS) のみです。',
      },
      why: {
        en: 'Without it the port is closed, in Dovecot and in the firewall.',
        ja: '使わない場合、Dovecot でもファイアウォールでもポートを閉じます。',
      },
      level: 'advanced',
      when: ({answers}) => hasSieve(answers),
      initial: () => true,
    }),
    junk: yesNo({
      ask: {
        en: 'Put mail that is tagged as spam into the folder Junk?',
        ja: '迷惑メールの印が付いたメールを Junk フォルダーに入れますか。',
      },
      help: {
        en: 'By the headers X-Spam-Flag, X-Spam and X-Spam-Status, which filters add. Without a filter nothing is tagged.',
        ja: 'フィルターが付ける X-Spam-Flag、X-Spam、X-Spam-Status ヘッダーで判断します。フィルターがなければ印は付きません。',
      },
      why: {
        en: 'It is done before anybody’s own rules, so that no vacation notice answers spam.',
        ja: '個人の規則より先に処理するため、迷惑メールに不在通知を返しません。',
      },
      level: 'advanced',
      when: ({answers}) => hasSieve(answers),
      initial: () => true,
    }),
  },
  packages: ({all}) =>
    hasSieve(all) ? (hasManageSieve(all) ? ['dovecot-sieve', 'dovecot-managesieve'] : ['dovecot-sieve']) : [],
  adopt: facts => {
    if (!facts.configured.dovecot) {
      return {};
    }

    const {lists, scripts} = readDovecot(facts);
    const filter = (['lmtp.plugins', 'lda.plugins', 'mail.plugins'] as const).some(
      list => lists[list]?.includes('sieve') === true,
    );
    return filter
      ? {
          filter,
          managesieve: lists.protocols?.includes('sieve') === true,
          junk: scripts.some(({path}) => path === spamScript),
        }
      : {filter};
  },
  plan: ({all, facts}): readonly Want[] => [
    ...filterWants(all, facts),
    ...personalWants(all, facts),
    ...managesieveWants(all, facts),
    ...spamWants(all, facts),
    ...port(all, 4190, hasManageSieve(all) && isReadElsewhere(all) ? 'present' : 'absent'),
  ],
  probes: ({all, platform, facts}): readonly Probe[] => {
    const section = 'sieve';
    const name = hostnameOf(all);
    const path = deliveryPath(all, facts);
    const at = askedAt(all, facts);
    const account = probeAccountOf(all);
    return [
      ...(hasManageSieve(all)
        ? ([
            {
              id: 'tls:4190',
              section,
              kind: 'tls',
              port: 4190,
              starttls: 'sieve',
              name,
              certificate: tlsFilesOf(all, platform).certificate,
              ...at,
            },
            {
              id: 'sieve:plaintext',
              ...at,
              section,
              kind: 'no-plaintext-login',
              protocol: 'sieve',
              port: 4190,
            },
            {
              id: 'sieve:script',
              section,
              kind: 'sieve-script',
              port: 4190,
              name,
              ...readAt(all, facts),
              ...path,
              ...account,
            },
          ] as const)
        : []),
      ...(hasSpamFolder(all) && path.submit !== undefined
        ? [
            {
              id: 'sieve:junk',
              section,
              kind: 'spam-filed' as const,
              name,
              ...path,
              submit: path.submit,
              ...account,
            },
          ]
        : []),
      {
        id: 'sieve:ports',
        section,
        kind: 'ports',
        open: hasManageSieve(all) ? [4190] : [],
        // Dovecot 2.4's stock file opens the port that was in use before RFC 5804 as well.
        closed: hasManageSieve(all) ? [2000] : [4190],
        ...(isEverywhere(listenOf(all)) ? {} : {on: socketsOf(all)}),
      },
    ];
  },
  notes: ({all, facts}) => sieveNotes(all, facts),
});
