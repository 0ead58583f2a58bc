import type {ChangeOf, FirewallItem} from '../core/change.js';
import {fill, type Text} from '../core/text.js';
import type {System} from '../system/types.js';
import {captureZone, giveZoneBack, type ZoneBefore} from './firewall-zone.js';
import type {ChangeHandler} from './types.js';

type Where = {readonly permanent: boolean; readonly runtime: boolean};
type Before = Where & {readonly zone: ZoneBefore};

/** One exact entry of the firewall, permanent and runtime apart; what was there already stays when this is undone. */
export const firewallItem: ChangeHandler<ChangeOf<'firewall.item'>, Where, Before, null> = {
  observe: async (host, {zone, item}) => (host as System).firewall.has(zone, firewallText(item)),
  preview: ({zone, item, state}, seen, {certainty}) => {
    const wanted = state === 'present';
    return {
      action: seen.permanent === wanted && seen.runtime === wanted ? 'none' : wanted ? 'create' : 'delete',
      certainty,
      reversible: 'exact',
      title: fill(wanted ? texts.open : texts.close, {item: firewallText(item), zone}),
      body: [],
    };
  },
  capture: async ({files, firewall}, {zone, item}, {blobs}) => ({
    ...(await firewall.has(zone, firewallText(item))),
    zone: captureZone(files, zone, blobs),
  }),
  apply: async ({firewall}, {zone, item, state}, before) => {
    for (const where of ['permanent', 'runtime'] as const) {
      if (before[where] !== (state === 'present')) {
        await firewall.set(zone, firewallText(item), where, state);
      }
    }

    return null;
  },
  verify: async (host, {zone, item, state}) => {
    const {firewall} = host as System;
    const text = firewallText(item);
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

    const now = await firewall.has(zone, text);
    const wanted = state === 'present';
    return now.permanent === wanted && now.runtime === wanted
      ? []
      : [
          {
            id: `verify:firewall:${text}`,
            severity: 'fail',
            summary: fill(texts.wrong, {item: text, zone}),
            remedy: texts.remedy,
          },
        ];
  },
  revert: async ({files, firewall}, {zone, item}, before, _after, {blobs, transaction}) => {
    const text = firewallText(item);
    const now = await firewall.has(zone, text);
    for (const where of ['runtime', 'permanent'] as const) {
      if (now[where] !== before[where]) {
        await firewall.set(zone, text, where, before[where] ? 'present' : 'absent');
      }
    }

    // The bytes come back once the last of our entries is gone from the zone.
    giveZoneBack(files, zone, before.zone, blobs, transaction);
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

/** firewalld's own text of an item: made from typed values, never from input as it came. */
export const firewallText = (item: FirewallItem) => {
  switch (item.type) {
    case 'service':
      return `service:${item.name}`;
    case 'port':
      return `port:${item.port}/${item.protocol}`;
    case 'rich':
      return `rich:rule family="${item.family}" source address="${item.source}" port port="${item.port}" protocol="${item.protocol}" accept`;
  }
};

const texts = {
  open: {
    en: 'firewall, zone {zone}: {item} is opened',
    ja: 'ファイアウォール (ゾーン {zone}): {item} を許可',
  },
  close: {
    en: 'firewall, zone {zone}: {item} is closed',
    ja: 'ファイアウォール (ゾーン {zone}): {item} を閉鎖',
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
    en: 'The firewall entry {item} in zone {zone} is not as asked.',
    ja: 'ゾーン {zone} の {item} が指定どおりではありません。',
  },
  remedy: {
    en: 'See whether somebody else reloaded the firewall.',
    ja: '他者がファイアウォールを再読み込みしていないか確認してください。',
  },
} satisfies Record<string, Text>;
