import type {KeySpec} from './material.js';
import type {Text} from './text.js';

/** Directory of Let's Encrypt (RFC 8555, 7.1.1); its rehearsals go to a second one, which certbot(1) knows. */
export const letsEncrypt = 'https://acme-v02.api.letsencrypt.org/directory';

/** Where certbot(1) keeps what it has. */
export const certbotFolder = '/etc/letsencrypt';

/** How it is shown that the names lead here (RFC 8555, 8.3): by a server of certbot's own for a moment, or by one that is there. */
export type Challenge =
  | {readonly type: 'standalone'}
  | {readonly type: 'webroot' /** What that server shows under `/`. */; readonly path: string};

/** What an authority is asked for. */
export type Order = {
  /** Name under which certbot keeps it. */
  readonly lineage: string;
  readonly names: readonly string[];
  /** The authority's directory, an https URL. */
  readonly server: string;
  /** Where the authority writes to; empty: nowhere. */
  readonly contact: string;
  readonly challenge: Challenge;
  readonly algorithm: KeySpec['algorithm'];
};

/** A certificate that certbot has, and how it renews it. */
export type Issued = Omit<Order, 'contact' | 'algorithm' | 'challenge'> & {
  /** None that we know: a record in DNS, or an installer of a web server. */
  readonly challenge?: Challenge;
  /** None that is made here. */
  readonly algorithm?: KeySpec['algorithm'];
};

/** How certbot renews, as its own file says (`/etc/letsencrypt/renewal/NAME.conf`). */
export const renewalIn = (
  text: string,
): Pick<Issued, 'server' | 'challenge'> & {readonly account: string} => {
  const value = (key: string) => new RegExp(`^${key} = (.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  // A list of one ends with a comma (configobj).
  const path = value('webroot_path').replace(/,$/, '').replace(/\/$/, '');
  const way = value('installer') === '' ? value('authenticator') : '';
  return {
    server: value('server'),
    account: value('account'),
    ...(way === 'standalone'
      ? {challenge: {type: 'standalone' as const}}
      : way === 'webroot' && path !== '' && !path.includes(',')
        ? {challenge: {type: 'webroot' as const, path}}
        : {}),
  };
};

/** What stands between this machine and an authority, whoever finds it: the look before anything is planned, or certbot. */
export const authorityProblems = {
  untrusted: {
    summary: {
      en: 'This machine does not trust the certificate of the authority’s own server {server}.',
      ja: '認証局のサーバー {server} の証明書をこのマシンは信頼していません。',
    },
    remedy: {
      en: 'Put its root into the system’s store (Debian: /usr/local/share/ca-certificates, then “update-ca-certificates”): renewals need it there too.',
      ja: 'ルート証明書をシステムの証明書ストアに追加してください (Debian: /usr/local/share/ca-certificates に置き「update-ca-certificates」)。更新にも必要です。',
    },
  },
  external: {
    summary: {
      en: 'The authority {server} wants an account that it gave out before (“external account binding”).',
      ja: '認証局 {server} は事前に発行されたアカウント (external account binding) を要求しています。',
    },
    remedy: {
      en: 'Run certbot by hand with its key, then choose “from certbot on this machine”.',
      ja: 'その鍵で certbot を手動で実行し、「このマシンの certbot が取得した」を選んでください。',
    },
  },
} satisfies Record<string, {readonly summary: Text; readonly remedy: Text}>;
