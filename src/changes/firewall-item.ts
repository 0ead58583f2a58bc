import type {ChangeOf} from '../core/change.js';
import {fill, type Text} from '../core/text.js';
import {firewalldText} from '../system/firewalld.js';
import type {System} from '../system/types.js';
import {captureUfw, commentBefore, giveUfwBack, type UfwBefore} from './firewall-ufw.js';
import {captureZone, giveZoneBack, type ZoneBefore} from './firewall-zone.js';
import type {ChangeHandler} from './types.js';

type Change = ChangeOf<'firewall.item'>;
type Where = {readonly permanent: boolean; readonly runtime: boolean};
type Before = Where & {readonly zone?: ZoneBefore; readonly rules?: UfwBefore};

/** One exact entry of the firewall, permanent and runtime apart; what was there already stays when this is undone. */
export const firewallItem: ChangeHandler<Change, Where, Before, null> = {
  observe: async (host, change) => (host as System).firewall.has(change, change.item),
  preview: (change, seen, {certainty}) => {
    const wanted = change.state === 'present';
    return {
      action: seen.permanent === wanted && seen.runtime === wanted ? 'none' : wanted ? 'create' : 'delete',
      certainty,
      reversible: 'exact',
      title: fill(wanted ? texts.open : texts.close, {item: itemText(change), place: placeName(change)}),
      body: [],
    };
  },
  capture: async ({files, firewall}, change, {blobs}) => ({
    ...(await firewall.has(change, change.item)),
    ...(change.backend === 'ufw'
      ? {rules: captureUfw(files, blobs)}
      : {zone: captureZone(files, change.zone, blobs)}),
  }),
  apply: async ({firewall}, change, before) => {
    for (const where of ['permanent', 'runtime'] as const) {
      if (before[where] !== (change.state === 'present')) {
        await firewall.set(change, change.item, where, change.state);
      }
    }

    return null;
  },
  verify: async (host, change) => {
    const {firewall} = host as System;
    const text = itemText(change);
    if (firewall.simulated) {
      return [
        {
          id: `verify:firewall:${text}`,
          severity: 'unchecked',
          summary: fill(texts.simulated, {item: text}),
          remedy: texts.simulatedRemedy,
        },
      ];
    }

    const now = await firewall.has(change, change.item);
    const wanted = change.state === 'present';
    return now.permanent === wanted && now.runtime === wanted
      ? []
      : [
          {
            id: `verify:firewall:${text}`,
            severity: 'fail',
            summary: fill(texts.wrong, {item: text, place: placeName(change)}),
            remedy: texts.remedy,
          },
        ];
  },
  revert: async ({files, firewall}, change, before, _after, {blobs, transaction}) => {
    const {item} = change;
    const now = await firewall.has(change, item);
    const comment = before.rules === undefined ? undefined : commentBefore(before.rules, item, blobs);
    for (const where of ['runtime', 'permanent'] as const) {
      if (now[where] !== before[where]) {
        await firewall.set(change, item, where, before[where] ? 'present' : 'absent', comment);
      }
    }

    // The bytes come back once the last of our entries is gone.
    if (before.zone !== undefined) {
      giveZoneBack(files, change.zone, before.zone, blobs, transaction);
    }

    if (before.rules !== undefined) {
      giveUfwBack(files, before.rules, blobs, transaction);
    }

    return {kind: 'reverted'};
  },
  // An entry that was there before on one side only was not ours: it stays.
  inverse: (change, before, _after, {section, alone, id}) => {
    const was = before.permanent ? 'present' : 'absent';
    return !alone || was === change.state || before.permanent !== before.runtime
      ? []
      : [{...change, id: id(change.id), sections: [section], state: was}];
  },
};

const itemText = ({backend, item}: Change) =>
  backend === 'firewalld' || item.type === 'service'
    ? firewalldText(item)
    : `${item.type === 'rich' ? `${item.source} → ` : ''}${item.port}/${item.protocol}`;

const placeName = ({backend, zone}: Change) => (backend === 'ufw' ? 'ufw' : `zone ${zone}`);

const texts = {
  open: {
    en: 'firewall, {place}: {item} is opened',
    ja: 'ファイアウォール ({place}): {item} を許可',
  },
  close: {
    en: 'firewall, {place}: {item} is closed',
    ja: 'ファイアウォール ({place}): {item} を閉鎖',
  },
  simulated: {
    en: 'Firewall entry {item}: simulated, not checked.',
    ja: 'ファイアウォールの {item}: シミュレーションのため未確認。',
  },
  simulatedRemedy: {
    en: 'It is checked when the plan is really applied.',
    ja: '実際に適用するときに確認されます。',
  },
  wrong: {
    en: 'The firewall entry {item} ({place}) is not as asked.',
    ja: '{place} の {item} が指定どおりではありません。',
  },
  remedy: {
    en: 'See whether somebody else reloaded the firewall.',
    ja: '他者がファイアウォールを再読み込みしていないか確認してください。',
  },
} satisfies Record<string, Text>;
