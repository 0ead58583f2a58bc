import type {Facts, Listener, UserFact} from '../core/facts.js';

/** os-release(5). */
export const parseOsRelease = (text: string): Facts['os'] => {
  const value = (key: string) => new RegExp(`^${key}=["']?([^"'\\n]*)`, 'm').exec(text)?.[1] ?? '';
  return {id: value('ID'), versionId: value('VERSION_ID'), name: value('PRETTY_NAME')};
};

/** passwd(5). */
export const parsePasswd = (text: string): readonly UserFact[] =>
  text.split('\n').flatMap(line => {
    const [name, , uid, gid, , home, shell] = line.split(':');
    return name === undefined || shell === undefined
      ? []
      : [{name, uid: Number(uid), gid: Number(gid), home: home ?? '', shell}];
  });

/** group(5). */
export const parseGroup = (text: string): Facts['groups'] =>
  text.split('\n').flatMap(line => {
    const [name, , gid, members] = line.split(':');
    return name === undefined || members === undefined
      ? []
      : [{name, gid: Number(gid), members: members.split(',').filter(Boolean)}];
  });

/** `ss -H -tlnp`: state, queues, local address and port, peer, process. */
export const parseListeners = (text: string): readonly Listener[] =>
  text.split('\n').flatMap(line => {
    const [, , , local = ''] = line.trim().split(/\s+/);
    const match = /^(.*?)(?:%[^:]+)?:(\d+)$/.exec(local);
    // Children share the socket with the one that opened it, which has the lowest number, if not the first word.
    const process = [...line.matchAll(/\("([^"]+)",pid=(\d+)/g)].sort(
      (a, b) => Number(a[2]) - Number(b[2]),
    )[0]?.[1];
    return match === null
      ? []
      : [
          {
            address: (match[1] ?? '').replaceAll(/[[\]]/g, ''),
            port: Number(match[2]),
            protocol: 'tcp' as const,
            ...(process === undefined ? {} : {process}),
          },
        ];
  });

/** `systemctl show` of several units: blocks separated by blank lines. */
export const parseUnits = (text: string): Facts['units'] =>
  Object.fromEntries(
    text.split('\n\n').flatMap(block => {
      const value = Object.fromEntries(
        block.split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
      const id = value['Id'];
      return id === undefined
        ? []
        : [
            [
              id,
              {
                exists: value['LoadState'] === 'loaded',
                active: value['ActiveState'] === 'active',
                enabled: /^(?:enabled|static|alias|generated)/.test(value['UnitFileState'] ?? ''),
              },
            ],
          ];
    }),
  );
