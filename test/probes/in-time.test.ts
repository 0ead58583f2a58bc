import test from 'ava';
import type {Probe} from '../../src/core/probe.js';
import {runProbes} from '../../src/probes/index.js';
import type {ProbeContext} from '../../src/probes/types.js';

const probe = (id: string): Probe => ({id, section: 'hardening', kind: 'secrets-kept', files: ['/etc/key']});

/** A machine whose first command never ends. */
const machine = (): ProbeContext => {
  let runs = 0;
  return {
    host: {
      files: {lstat: () => ({type: 'file'}), list: () => [], read: () => Buffer.from('KEY')},
      run: (_file: string, args: readonly string[]) => {
        runs += 1;
        return runs === 1
          ? new Promise(() => undefined)
          : Promise.resolve({
              exitCode: 0,
              stderr: '',
              stdout: args.includes('-f') ? 'ext2/ext3\n' : '600 /etc/key\n',
            });
      },
    },
  } as unknown as ProbeContext;
};

test('a check that does not end is not waited for: it is not checked, and the next one is made', async t => {
  const told: string[] = [];
  const findings = await runProbes(
    [probe('first'), probe('second')],
    machine(),
    undefined,
    ({id}) => void told.push(id),
    ({id}) => (id === 'first' ? 50 : 60_000),
  );
  t.deepEqual(
    findings.map(({id, severity}) => [id, severity]),
    [
      ['first', 'unchecked'],
      ['second', 'pass'],
    ],
  );
  t.deepEqual(told, ['first', 'second']);
});
