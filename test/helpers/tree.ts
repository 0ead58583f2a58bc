import type {ConfigTree} from '../../src/core/edit.js';
import {globMatcher} from '../../src/planner/tree.js';

/** A configuration tree of texts by path; what is outside /etc belongs to packages. */
export const plainTree = (files: Readonly<Record<string, string>>): ConfigTree => ({
  root: '/etc/dovecot/dovecot.conf',
  read: path => files[path],
  glob: pattern => Object.keys(files).filter(globMatcher(pattern)).sort(),
  editable: path => path.startsWith('/etc/'),
});
