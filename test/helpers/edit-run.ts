// Edits files of this machine as one transaction, or undoes it. Arguments: an id, what to do, and paths; `label:PATH` is
// given SELinux’s label for mail, as is `port:NUMBER`; `boolean:NAME=on` is set.
import type {Change} from '../../src/core/change.js';
import {ProblemError} from '../../src/core/finding.js';
import {memoryBlobs} from '../../src/system/blobs.js';
import {machineSystem} from '../../src/system/grounds.js';
import {applyPlan} from '../../src/transaction/apply.js';
import {rollBack} from '../../src/transaction/roll-back.js';
import {failing} from './model.js';
import {planOf, shown} from './tree-plan.js';

const [, , id = '', act = '', ...paths] = process.argv;
const system = machineSystem();
const blobs = memoryBlobs();
const events = {resolve: () => Buffer.alloc(0), onEvent: () => undefined};

const changes = paths.map((path): Change => {
  if (path.startsWith('label:')) {
    const target = path.slice(6);
    return {id: path, sections: ['s'], kind: 'selinux.label', path: target, type: 'mail_spool_t'};
  }

  if (path.startsWith('port:')) {
    const port = Number(path.slice(5));
    const [type, protocol, state] = ['mail_port_t', 'tcp', 'present'] as const;
    return {
      id: path,
      sections: ['s'],
      kind: 'selinux.port',
      port,
      protocol,
      type,
      enough: ['pop_port_t'],
      state,
    };
  }

  if (path.startsWith('boolean:')) {
    const [name = '', value] = path.slice(8).split('=');
    return {id: path, sections: ['s'], kind: 'selinux.boolean', name, value: value === 'on', lasting: true};
  }

  const text = system.files.read(path, {follow: true});
  return {
    id: path,
    sections: ['s'],
    kind: 'config.edit',
    family: 'other',
    path,
    before: text === undefined ? null : blobs.put(text),
    after: blobs.put(Buffer.concat([text ?? Buffer.alloc(0), Buffer.from('edited = yes\n')])),
    keepOwnership: true,
  };
});

const apply = async () =>
  applyPlan({
    ...events,
    system,
    blobs,
    plan: planOf(id, await Promise.all(changes.map(change => shown(system, change)))),
    interrupted: () => false,
    prove: async () => (act === 'fail' ? [failing] : []),
    onUnproved: 'roll-back',
  });

try {
  const outcome = act === 'undo' ? await rollBack({...events, system, id}) : await apply();
  process.stdout.write(`${outcome}\n`);
} catch (error) {
  process.stdout.write(error instanceof ProblemError ? `refused: ${error.problem.what.en}\n` : `${error}\n`);
}
