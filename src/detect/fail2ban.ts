import type {Host} from '../system/types.js';

const folder = '/etc/fail2ban';

/** What says which jails of fail2ban are set up here (jail.conf(5)); the package's own jail.conf only names them. */
export const fail2banFiles = ({files}: Host): readonly string[] => [
  `${folder}/jail.local`,
  `${folder}/filter.d/dovetail-dovecot.conf`,
  ...(files.list(`${folder}/jail.d`) ?? [])
    .filter(name => /\.(?:conf|local)$/.test(name))
    .map(name => `${folder}/jail.d/${name}`),
];
