import {editMain} from '../config/main-cf/edit.js';
import type {Change, ChangeOf} from '../core/change.js';
import type {Facts} from '../core/facts.js';
import type {PlannedChange, PlannedStage} from '../core/plan.js';
import type {Platform} from '../core/platform.js';
import type {Text} from '../core/text.js';
import {diffLines} from '../config/diff.js';
import {mainPath} from '../planner/compile.js';
import type {Blobs} from '../system/types.js';

export type HoldInput = {
  readonly planned: readonly PlannedChange[];
  /** Stages that come before the configuration. */
  readonly packages: readonly PlannedStage[];
  /** The machine before anything was done. */
  readonly facts: Facts;
  readonly platform: Platform;
  readonly blobs: Blobs;
  /** Whether Postfix is the plan's business at all; where it is not, nothing of it is touched. */
  readonly withPostfix: boolean;
};

/**
 * The stages of a plan. Where Postfix is live, `soft_bounce` (postconf(5)) holds from before the first change to after the
 * proof: what a half-made configuration would refuse for good is refused for now, and the sender tries again.
 */
export const stagesOf = ({
  planned,
  packages,
  facts,
  platform,
  blobs,
  withPostfix,
}: HoldInput): readonly PlannedStage[] => {
  const path = mainPath(facts);
  const before = facts.files[path];
  const {postfix: unit} = platform.units;
  const held = before === undefined ? undefined : hold(before);
  const configuration: readonly PlannedStage[] =
    planned.length === 0 ? [] : [{name: 'configuration', changes: planned}];
  const touches = packages.length > 0 || planned.some(({change}) => touchesMail(change));
  if (
    before === undefined ||
    held === undefined ||
    held === before ||
    !touches ||
    !withPostfix ||
    facts.units[unit]?.active !== true
  ) {
    return [...packages, ...configuration];
  }

  const text = (digest: string) => blobs.get(digest).toString('latin1');
  const put = (words: string) => blobs.put(Buffer.from(words, 'latin1'));
  const edit = planned.find(({change}) => change.kind === 'config.edit' && change.path === path)?.change as
    | ChangeOf<'config.edit'>
    | undefined;
  const after = edit === undefined ? before : text(edit.after);
  const afterHeld = hold(after);
  const holding = (id: string, from: string, to: string, title: Text): PlannedChange => ({
    change: {
      id: `config.edit ${path} (${id})`,
      sections: ['smtp'],
      kind: 'config.edit',
      family: 'main.cf',
      path,
      before: put(from),
      after: put(to),
      hold: {unit},
      keepOwnership: true,
    },
    preview: {
      action: 'update',
      certainty: 'exact',
      reversible: 'exact',
      title,
      body: diffLines(path, from, to),
    },
    seen: '',
  });
  return [
    {name: 'hold', changes: [holding('hold', before, held, texts.hold)]},
    ...packages,
    {
      name: 'configuration',
      changes: planned.map(entry =>
        entry.change === edit
          ? {...entry, change: {...edit, before: put(held), after: put(afterHeld)}}
          : entry,
      ),
    },
    {name: 'release', changes: [holding('release', afterHeld, after, texts.release)]},
  ];
};

const hold = (text: string) => editMain(text, {op: 'set', key: 'soft_bounce', value: 'yes'}).text;

const touchesMail = ({kind}: Change) =>
  [
    'config.edit',
    'rows.edit',
    'map.compile',
    'script.compile',
    'file.write',
    'file.delete',
    'service.state',
    'user.remove',
  ].includes(kind);

const texts = {
  hold: {
    en: 'Postfix asks senders to try again later while this is done (soft_bounce): no mail is refused for good meanwhile',
    ja: '作業中、Postfix は送信元に再送を求めます (soft_bounce): その間に恒久的な拒否は発生しません',
  },
  release: {
    en: 'Once all is proved, Postfix answers as usual again',
    ja: '確認後、Postfix は通常の応答に戻ります',
  },
} satisfies Record<string, Text>;
