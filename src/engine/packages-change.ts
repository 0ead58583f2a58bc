import {handlerOf} from '../changes/index.js';
import type {Change} from '../core/change.js';
import type {AllAnswers} from '../core/question.js';
import type {StagedPackages} from '../stage/packages.js';
import {digestOf, memoryBlobs} from '../system/blobs.js';
import type {PackageManagerName} from '../system/package-manager.js';
import type {System} from '../system/types.js';

/** What Postfix's package asks while it is installed. */
export const preseedOf = (answers: AllAnswers) => {
  const name = String(answers['role']?.['hostname'] ?? 'localhost');
  return [
    {package: 'postfix', question: 'postfix/main_mailer_type', type: 'select', value: 'Internet Site'},
    {package: 'postfix', question: 'postfix/mailname', type: 'string', value: name},
  ];
};

/** The one change of the package stage. */
export const packagesChange = async (
  system: System,
  manager: PackageManagerName,
  {pinned: packages, removes, kept, leaves}: StagedPackages,
  preseed: ReturnType<typeof preseedOf>,
) => {
  const change: Change = {
    id: 'package.install',
    sections: ['packages'],
    kind: 'package.install',
    manager,
    packages,
    removes,
    ...(kept.length === 0 ? {} : {kept}),
    leaves,
    // Who is there already was asked by somebody else.
    preseed: preseed.filter(({package: owner}) => packages.some(({name}) => name === owner)),
  };
  const handler = handlerOf(change);
  const seen = await handler.observe(system, change);
  const preview = handler.preview(change, seen, {
    blobs: memoryBlobs(),
    read: () => undefined,
    masked: () => '',
    certainty: 'exact',
  });
  return {change, preview, seen: digestOf(JSON.stringify(seen))};
};
