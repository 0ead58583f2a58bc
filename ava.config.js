const build = process.env.AVA_BUILD ?? 'build';

export default {
  files: [`${build}/test/**/*.test.js`],
  snapshotDir: 'snapshots',
  timeout: '10m',
  concurrency: 2,
};
