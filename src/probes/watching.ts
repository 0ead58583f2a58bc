import type {Text} from '../core/text.js';
import {fail, pass} from './result.js';
import type {ProbeHandler} from './types.js';

/** The timer is on, will be after a reboot, and what it starts is there and nobody else's to change. */
export const watching: ProbeHandler<'watching'> = async (probe, {host}) => {
  const {stdout} = await host.run('/usr/bin/systemctl', [
    'show',
    '--property=ActiveState,UnitFileState,NextElapseUSecRealtime',
    '--',
    probe.unit,
  ]);
  const values = {unit: probe.unit, next: /NextElapseUSecRealtime=(.+)/.exec(stdout)?.[1] ?? '—'};
  if (!/ActiveState=active/.test(stdout) || !/UnitFileState=enabled/.test(stdout)) {
    return [
      fail(probe, {
        summary: texts.off,
        values,
        remedy: texts.offRemedy,
        evidence: [stdout.trim().replaceAll('\n', ' ')],
      }),
    ];
  }

  const missing = probe.program.filter(path => {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const real = `${folder.slice(0, folder.lastIndexOf('/'))}/${host.files.readLink(folder) ?? ''}`;
    const stat = host.files.lstat(`${real}/${path.slice(path.lastIndexOf('/') + 1)}`);
    return stat?.type !== 'file' || stat.uid !== 0 || (stat.mode & 0o022) !== 0;
  });
  return [
    missing.length === 0
      ? pass(probe, {summary: texts.on, values})
      : fail(probe, {
          summary: texts.gone,
          values: {...values, path: missing.join(', ')},
          remedy: texts.goneRemedy,
        }),
  ];
};

const texts = {
  on: {
    en: 'The server is checked by {unit}; next: {next}.',
    ja: '{unit} がサーバーを確認します。次回: {next}',
  },
  off: {
    en: '{unit} is not active, or would not be after a reboot.',
    ja: '{unit} が有効でないか、再起動後に有効になりません。',
  },
  offRemedy: {en: 'Run “dovetail watch” again.', ja: '「dovetail watch」をもう一度実行してください。'},
  gone: {
    en: '{unit} would start {path}, which is not there or not root’s alone.',
    ja: '{unit} が起動する {path} がないか、root 専用ではありません。',
  },
  goneRemedy: {
    en: 'Any apply of dovetail puts it there again.',
    ja: 'dovetail の適用を実行すると再び作られます。',
  },
} satisfies Record<string, Text>;
