import {type Facts, mostUid} from '../../src/core/facts.js';
import type {Platform} from '../../src/core/platform.js';
import {readDovecot} from '../../src/planner/dialects/read.js';
import {mailOwnerThere} from './dovecot-there.js';
import {gateThere} from './pam.js';

/** What a machine that asks PAM says to the questions of `auth-pam`. */
export const pamThere = (facts: Facts, platform: Platform) => {
  const {passdbs, userdbs, settings} = readDovecot(facts);
  if (!facts.configured.dovecot || !passdbs.some(({driver}) => driver === 'pam')) {
    return {};
  }

  const passwd = userdbs.find(({driver}) => driver === 'passwd');
  const isVirtual =
    passwd !== undefined &&
    (passwd.values['fields/uid'] !== undefined ||
      /(?:^|\s)uid=/.test(passwd.values['override_fields'] ?? ''));
  const gate = gateThere(facts.files[platform.paths.dovecotPam] ?? '');
  const first = gate?.first ?? settings['mail.first_valid_uid'];
  const last = gate?.last ?? (settings['mail.last_valid_uid'] || undefined);
  const owner = mailOwnerThere(facts).user ?? 'vmail';
  // People who can do nothing but read mail; all the others are people of the machine anyway.
  const accounts = facts.users.filter(
    ({name, uid, shell, elsewhere}) =>
      elsewhere !== true &&
      uid >= (first ?? 1000) &&
      uid <= (last ?? 60_000) &&
      name !== owner &&
      shell === platform.paths.nologin,
  );
  return {
    homes: isVirtual ? ('virtual' as const) : ('real' as const),
    ...(first === undefined || first < 500 ? {} : {first_uid: first}),
    ...(last === undefined || last < 500 || last > mostUid ? {} : {last_uid: last}),
    accounts: accounts.map(({name}) => ({name, password: 'keep' as const})),
    ...(isVirtual ? {} : {maildir_skel: facts.paths['/etc/skel/Maildir']?.type === 'directory'}),
  };
};
