import {itemIdentity} from '../core/setting.js';
import type {Want} from '../core/want.js';

/**
 * What a want is about, without the value: two wants with one identity contradict each other unless they are equal.
 * The part before the first blank is what `Step.owns` names.
 */
export const identityOf = (want: Want): string => {
  switch (want.kind) {
    case 'setting':
      return want.in === 'dovecot' ? want.at : `main.cf:${want.at}`;
    case 'item':
      return `${want.in === 'dovecot' ? want.at : `main.cf:${want.at}`} ${want.value}`;
    case 'block':
      return itemIdentity(want.at, want.value);
    case 'master':
      return `master:${want.name}/${want.type}`;
    case 'rows':
      return `rows:${want.file}`;
    case 'package':
      return `package:${want.need}`;
    case 'user':
      return `user:${want.name}`;
    case 'shell':
      return `shell:${want.user}`;
    case 'directory':
    case 'file':
      return `path:${want.path}`;
    case 'accounts-database':
      return `accounts:${want.engine}:${want.database}`;
    case 'issued-certificate':
      return `certificate:${want.order.lineage}`;
    case 'label':
      return `label:${want.path}`;
    case 'alternative':
      return `alternative:${want.name}`;
    case 'selinux.port':
      return `selinux.port:${want.port}`;
    case 'selinux.boolean':
      return `selinux.boolean:${want.name}`;
    case 'service':
      return `unit:${want.unit}`;
    case 'port':
      return `port:${want.port}${want.from === undefined ? '' : ` ${want.from.join(' ')}`}`;
  }
};

/** Whether a want takes something away; only the owner of the thing may. */
export const takesAway = (want: Want) =>
  ('state' in want && want.state === 'absent') || ('op' in want && want.op === 'unset');
