import type {Facts} from '../core/facts.js';
import type {Host} from '../system/types.js';

/**
 * What this machine itself says in SELinux's policy, from the files that libsemanage keeps: the same as `semanage … --list
 * --locallist`, which takes seconds. Undefined where there is no policy, or only root may look.
 */
export const selinuxRules = (host: Host): Facts['selinuxRules'] => {
  const text = (path: string) => host.files.read(path, {follow: true})?.toString('latin1');
  const name = /^\s*SELINUXTYPE\s*=\s*(\w+)/m.exec(text('/etc/selinux/config') ?? '')?.[1];
  const store = `/var/lib/selinux/${name}/active`;
  if (name === undefined || host.files.list(store) === undefined) {
    return undefined;
  }

  const lines = (file: string) => (text(`${store}/${file}`) ?? '').split('\n');
  return {
    paths: lines('file_contexts.local').flatMap(line => {
      const [, pattern] = /^(\/\S*)\(\/\.\*\)\?\s+\w+:\w+:mail_spool_t(?::\S*)?\s*$/.exec(line) ?? [];
      return pattern === undefined ? [] : [pattern.replaceAll(/\\(.)/g, '$1')];
    }),
    ports: lines('ports.local').flatMap(line => {
      const [, port] = /^portcon tcp (\d+) \w+:\w+:mail_port_t(?::\S*)?\s*$/.exec(line) ?? [];
      return port === undefined ? [] : [Number(port)];
    }),
    booleans: Object.fromEntries(
      lines('booleans.local').flatMap(line => {
        const [, boolean = '', value] = /^(\w+)\s*=\s*([01])\s*$/.exec(line) ?? [];
        return value === undefined || !aboutMail.test(boolean) ? [] : [[boolean, value === '1']];
      }),
    ),
  };
};

const aboutMail = /dovecot|postfix|mail|^(?:nis_enabled|allow_ypbind|use_(?:nfs|samba|fusefs)_home_dirs)$/;
