import type {Want} from '../../src/core/want.js';
import {attachmentRules} from '../../templates/attachments.js';

/** The table of Postfix's with the endings that are refused, and its file. */
export const rulesFile = '/etc/postfix/dovetail_attachments';
export const rulesMap = `regexp:${rulesFile}`;

/** What Windows runs when it is opened, and nobody sends by mail. */
export const dangerous: readonly string[] = [
  ...['exe', 'com', 'scr', 'pif', 'bat', 'cmd', 'cpl', 'msi', 'lnk', 'jar', 'hta'],
  ...['js', 'jse', 'vbs', 'vbe', 'wsf', 'wsh', 'ps1', 'reg'],
];

/** Attachments are refused by their ending. */
export const ruleWants = (endings: readonly string[]): readonly Want[] => [
  {
    kind: 'file',
    path: rulesFile,
    state: 'present',
    content: [{text: attachmentRules(endings)}],
    owner: 'root',
    group: 'root',
    mode: 0o644,
  },
  {
    kind: 'item',
    in: 'main.cf',
    at: 'mime_header_checks',
    value: rulesMap,
    state: 'present',
    // postconf(5): without a value of its own it is this.
    base: ['$header_checks'],
  },
];

/** They are not any more. */
export const ruleGone: readonly Want[] = [
  {kind: 'item', in: 'main.cf', at: 'mime_header_checks', value: rulesMap, state: 'absent'},
  {kind: 'file', path: rulesFile, state: 'absent'},
];
