import type {Finding} from '../core/finding.js';
import type {Host} from '../system/types.js';

/** The host as somebody sees it who is not root: what is closed to them looks as if it were not there; `findings` says so. */
export const unprivileged = (host: Host): Host => {
  const {files} = host;
  return {
    ...host,
    files: {
      ...files,
      read: (...args) => orUndefined(() => files.read(...args)),
      digest: (...args) => orUndefined(() => files.digest(...args)),
      list: (...args) => orUndefined(() => files.list(...args)),
      lstat: (...args) => orUndefined(() => files.lstat(...args)),
    },
  };
};

/** To be said wherever facts were found without root. */
export const withoutRoot: Finding = {
  id: 'detect:root',
  severity: 'warning',
  summary: {
    en: 'Without root some files of this machine cannot be read; what they say is missing here.',
    ja: 'root 権限がないため読めないファイルがあり、その内容は反映されていません。',
  },
  remedy: {
    en: 'Run the same command with sudo.',
    ja: '同じコマンドを sudo で実行してください。',
  },
};

const orUndefined = <R>(use: () => R): R | undefined => {
  try {
    return use();
  } catch (error) {
    if ((error as {code?: string}).code === 'EACCES') {
      return undefined;
    }

    throw error;
  }
};
