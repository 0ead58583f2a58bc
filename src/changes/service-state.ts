import type {ChangeOf} from '../core/change.js';
import {fill, type Text} from '../core/text.js';
import type {System, UnitState} from '../system/types.js';
import type {ChangeHandler} from './types.js';

type Known = {
  readonly enabled: boolean;
  readonly active: boolean;
  readonly exists: boolean;
  readonly masked: boolean;
};

/** A systemd unit enabled and running, or neither. */
export const serviceState: ChangeHandler<ChangeOf<'service.state'>, Known, Known, null> = {
  observe: async (host, {unit}) => known(await (host as System).services.state(unit)),
  preview: ({unit, enabled, active}, seen, {certainty}) => ({
    action: seen.enabled === enabled && seen.active === active ? 'none' : 'update',
    certainty,
    reversible: 'exact',
    title: fill(active ? texts.on : texts.off, {unit}),
    body: [],
  }),
  capture: async ({services}, {unit}) => known(await services.state(unit)),
  apply: async ({services}, {unit, enabled, active}, before) => {
    if (before.enabled !== enabled) {
      await (enabled ? services.enable(unit) : services.disable(unit));
    }

    // Debian's wrapper units are "active (exited)" while nothing runs behind them: a start that is not needed costs nothing.
    await (active ? services.start(unit) : services.stop(unit));
    return null;
  },
  verify: async (host, {unit, enabled, active}) => {
    const {services} = host as System;
    if (services.simulated) {
      return [
        {
          id: `verify:${unit}`,
          severity: 'unchecked',
          summary: fill(texts.simulated, {unit}),
          remedy: texts.simulatedRemedy,
        },
      ];
    }

    const now = await services.state(unit);
    return now.active === active && now.enabled === enabled
      ? []
      : [
          {
            id: `verify:${unit}`,
            severity: 'fail',
            summary: fill(texts.wrong, {unit}),
            remedy: fill(texts.wrongRemedy, {unit}),
          },
        ];
  },
  revert: async ({services}, {unit}, before) => {
    if (!before.active) {
      await services.stop(unit);
    }

    const now = await services.state(unit);
    if (now.exists && now.enabled !== before.enabled) {
      await (before.enabled ? services.enable(unit) : services.disable(unit));
    }

    if (before.active && !now.active) {
      await services.start(unit);
    }

    return {kind: 'reverted'};
  },
  inverse: ({unit, enabled, active}, before, _after, {section, alone, id}) =>
    !alone || (before.enabled === enabled && before.active === active)
      ? []
      : [
          {
            id: id(`service.state ${unit}`),
            sections: [section],
            kind: 'service.state',
            unit,
            enabled: before.enabled,
            active: before.active,
          },
        ],
};

const known = ({enabled, active, exists, masked}: UnitState): Known => ({enabled, active, exists, masked});

const texts = {
  on: {en: '{unit} is enabled and started', ja: '{unit} を有効にして起動'},
  off: {en: '{unit} is stopped and disabled', ja: '{unit} を停止して無効化'},
  simulated: {
    en: 'Whether {unit} runs: simulated, not checked.',
    ja: '{unit} の稼働: シミュレーションのため未確認。',
  },
  simulatedRemedy: {
    en: 'It is checked when the plan is really applied.',
    ja: '実際に適用するときに確認されます。',
  },
  wrong: {
    en: '{unit} is not in the state that was asked for.',
    ja: '{unit} が指定した状態になっていません。',
  },
  wrongRemedy: {en: 'See “systemctl status {unit}”.', ja: '「systemctl status {unit}」を確認してください。'},
} satisfies Record<string, Text>;
