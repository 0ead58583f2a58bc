import {renewalIn} from '../core/acme.js';
import type {ChangeOf} from '../core/change.js';
import {fill, type Text, visibleLine} from '../core/text.js';
import {digestAt} from '../system/blobs.js';
import {parentOf} from '../system/files.js';
import type {Files, ReadFiles} from '../system/types.js';
import {captureFile, type FileBefore} from './capture.js';
import {dropNew, fits, linksOf, pathsOf, placesOf, type SeenLineage, seeLineage} from './lineage.js';
import {restoreFile} from './replace.js';
import type {ChangeHandler, Conflict} from './types.js';
import {usersOf} from './uses.js';

type Change = ChangeOf<'certificate.issue'>;

/** Paths and names of certbot's that were there, and how it renewed; no key is among it. */
type Before = {
  readonly paths: readonly string[];
  readonly links: Readonly<Record<string, string>>;
  readonly conf: FileBefore;
};

/** Whether an authority was really asked. */
type After = {readonly issued: boolean};

/**
 * A certificate that certbot(1) has an authority issue: rehearsed first, so that a refusal changes nothing. An undo takes away all
 * that came to this machine by it; what the authority has published, and its account, stay with the authority.
 */
export const certificateIssue: ChangeHandler<Change, SeenLineage, Before, After> = {
  observe: async ({files}, {order}) => seeLineage(files, order),
  preview: ({order}, seen) => ({
    action: fits(seen, order) ? 'none' : seen === 'missing' ? 'create' : 'update',
    // Whether the authority consents is known when it has been asked.
    certainty: 'predicted',
    reversible: 'best-effort',
    title: fill(texts.title, {names: order.names.join(', '), server: visibleLine(order.server)}),
    body: [
      `+${placesOf(order.lineage).live}/fullchain.pem`,
      `+${placesOf(order.lineage).live}/privkey.pem`,
      `+${placesOf(order.lineage).conf}`,
    ],
    caveat: texts.caveat,
  }),
  capture: async ({files}, {order: {lineage}}, {blobs}) => ({
    paths: pathsOf(files, lineage),
    links: linksOf(files, lineage),
    conf: captureFile(files, placesOf(lineage).conf, blobs),
  }),
  apply: async ({authority}, {order}, _before, {say}) => {
    await authority.rehearse(order, say);
    await authority.issue(order, say);
    return {issued: !authority.simulated};
  },
  verify: async ({files}, {order}, {issued}) =>
    !issued
      ? [
          {
            id: `verify:certificate:${order.lineage}`,
            severity: 'unchecked',
            summary: fill(texts.simulated, {names: order.names.join(', ')}),
            remedy: texts.simulatedRemedy,
          },
        ]
      : fits(seeLineage(files, order), order)
        ? []
        : [
            {
              id: `verify:certificate:${order.lineage}`,
              severity: 'fail',
              summary: fill(texts.wrong, {names: order.names.join(', ')}),
              remedy: texts.wrongRemedy,
            },
          ],
  revert: async (system, change, before, after, {blobs, transaction}) => {
    const {files} = system;
    const {lineage} = change.order;
    if (after?.issued === false) {
      return {kind: 'nothing-to-do'};
    }

    await system.authority.quiet();
    const users = after === undefined ? [] : takenOver(files, change);
    if (users.length > 0) {
      return kept(change, users);
    }

    const links = linksOf(files, lineage);
    for (const [path, target] of Object.entries(before.links).filter(([path, to]) => links[path] !== to)) {
      relink(files, path, target);
    }

    // Whatever it says by now was written by certbot for this certificate: that was looked at above.
    const {conf} = placesOf(lineage);
    restoreFile(files, conf, before.conf, asItIs(files, conf), blobs, transaction);
    dropNew(files, lineage, before.paths, after !== undefined);
    return {kind: 'reverted'};
  },
  // It may serve other programs by now, and the authority will not take it back: the undo of all of it looks closer.
  inverse: ({order}, _before, after, {stays}) => {
    if (after?.issued !== false) {
      stays(placesOf(order.lineage).live);
    }

    return [];
  },
};

// Somebody else renews it another way by now, or shows it too.
const takenOver = (files: ReadFiles, {order: {lineage, challenge}}: Change): readonly string[] => {
  const {conf, live} = placesOf(lineage);
  const text = files.read(conf)?.toString('latin1');
  if (text === undefined) {
    return [];
  }

  // A hook of this certificate alone was given to certbot by somebody who needs it (certbot(1), --deploy-hook and its kin).
  const isOurs =
    renewalIn(text).challenge?.type === challenge.type && !/^(?:pre|post|renew)_hook = ./m.test(text);
  return [...(isOurs ? [] : [conf]), ...usersOf(files, `${live}/`)];
};

const relink = (files: Files, path: string, target: string) => {
  if (files.lstat(path) !== undefined) {
    files.unlink(path);
  }

  files.symlink(target, path);
  files.syncDirectory(parentOf(path));
};

const asItIs = (files: ReadFiles, path: string) => {
  const stat = files.lstat(path);
  return stat === undefined ? null : {digest: digestAt(files, path), ino: String(stat.ino)};
};

const kept = ({id, order}: Change, users: readonly string[]): Conflict => ({
  kind: 'conflict',
  path: placesOf(order.lineage).live,
  finding: {
    id: `kept:${id}`,
    severity: 'warning',
    summary: fill(texts.kept, {names: order.names.join(', '), users: users.slice(0, 3).join(', ')}),
    remedy: fill(texts.keptRemedy, {lineage: order.lineage}),
  },
});

const texts = {
  title: {
    en: 'a certificate for {names}, by certbot from {server}',
    ja: 'certbot で {server} から {names} の証明書を取得',
  },
  caveat: {
    en: 'An undo removes the certificate, its key and the account from this machine. The authority does not take back that it issued it (public logs show the names, its limits count it), and it is not revoked.',
    ja: '取り消すと、証明書・鍵・アカウントはこのマシンから消えます。認証局が発行した事実は残り (公開ログへの記載、発行数の制限)、失効手続きは行いません。',
  },
  simulated: {
    en: 'Whether the authority issues a certificate for {names}: simulated, not checked.',
    ja: '{names} の証明書の発行: シミュレーションのため未確認。',
  },
  simulatedRemedy: {
    en: 'It is asked when the plan is really applied, first in a rehearsal.',
    ja: '実際に適用するとき、まず予行で確認されます。',
  },
  wrong: {
    en: 'certbot ended well, but there is no certificate for {names} that fits.',
    ja: 'certbot は正常に終了しましたが、{names} に合う証明書がありません。',
  },
  wrongRemedy: {
    en: 'Look at “certbot certificates” and /var/log/letsencrypt/letsencrypt.log.',
    ja: '「certbot certificates」と /var/log/letsencrypt/letsencrypt.log を確認してください。',
  },
  kept: {
    en: 'The certificate for {names} stays: others use it by now ({users}).',
    ja: '{names} の証明書は、ほかで使われているため残しました ({users})。',
  },
  keptRemedy: {
    en: 'Where nobody needs it: “certbot delete --cert-name {lineage}”.',
    ja: '不要なら「certbot delete --cert-name {lineage}」で削除できます。',
  },
} satisfies Record<string, Text>;
