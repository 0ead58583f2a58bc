import type {Material} from '../../src/core/material.js';
import type {Platform} from '../../src/core/platform.js';
import type {AllAnswers} from '../../src/core/question.js';
import type {Want} from '../../src/core/want.js';
import {certbotDeployHook} from '../../templates/certbot-deploy-hook.js';
import {answer, hasDovecot, hasPostfix, tlsFilesOf} from './read.js';

/** What is sent to an authority. */
export const requestFileOf = ({paths}: Pick<Platform, 'paths'>) => `${paths.certificates}/server.csr`;

/** Whether key and certificate are made by us, as against by somebody else. */
export const isMade = (source: string) => source === 'self-signed' || source === 'request';

const hooks = '/etc/letsencrypt/renewal-hooks';

/** Run by certbot(1) after each renewal. */
export const hookPath = `${hooks}/deploy/dovetail`;

/** The name under which certbot keeps a pair of files; undefined where it does not. */
export const lineageAt = (certificate: string, key: string): string | undefined => {
  const [, name] = /^\/etc\/letsencrypt\/live\/([^/]+)\/fullchain\.pem$/.exec(certificate) ?? [];
  return name !== undefined && key === `/etc/letsencrypt/live/${name}/privkey.pem` ? name : undefined;
};

/** Key, certificate and request that are made here; what is there already and fits is not written again. */
export const fileWants = (
  all: AllAnswers,
  platform: Platform,
  materials: Readonly<Record<string, Material>>,
): readonly Want[] => {
  const source = answer<string>(all, 'tls', 'source') ?? 'self-signed';
  if (!isMade(source)) {
    return [];
  }

  const {certificate, key} = tlsFilesOf(all, platform);
  const make = (id: string, path: string, mode: number, secret: boolean): readonly Want[] =>
    materials[id]?.reused === true
      ? []
      : [
          {
            kind: 'file',
            path,
            state: 'present',
            content: [{material: id}],
            secret,
            owner: 'root',
            group: 'root',
            mode,
          },
        ];
  return [
    {
      kind: 'directory',
      path: platform.paths.certificates,
      owner: 'root',
      group: 'root',
      mode: 0o755,
      state: 'present',
    },
    ...make('tls.key', key, 0o600, true),
    ...(source === 'request' ? make('tls.request', requestFileOf(platform), 0o644, false) : []),
    ...make('tls.certificate', certificate, 0o644, false),
  ];
};

/** A renewed certificate is served only once the servers have read it again: certbot renews, and by itself tells nobody. */
export const hookWants = (all: AllAnswers, platform: Platform): readonly Want[] => {
  const {certificate, key} = tlsFilesOf(all, platform);
  const {units} = platform;
  const lineage = lineageAt(certificate, key);
  if (lineage === undefined) {
    return [];
  }

  const text = certbotDeployHook(lineage, [
    ...(hasDovecot(all) ? [units.dovecot] : []),
    ...(hasPostfix(all) ? [units.postfix] : []),
  ]);
  const own = {owner: 'root', group: 'root', mode: 0o755, state: 'present'} as const;
  return [
    {kind: 'directory', path: hooks, ...own},
    {kind: 'directory', path: `${hooks}/deploy`, ...own},
    {kind: 'file', path: hookPath, content: [{text}], ...own},
  ];
};
