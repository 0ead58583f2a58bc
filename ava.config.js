const build = process.env.AVA_BUILD ?? 'build';

export default {
  files: [`${build}/test/**/*.test.js`],
  snapshotDir: 'snapshots',
  timeout: '10m',
  concurrency: 2,
  // Tests start many programs; one process for all files is large, and each fork of it costs accordingly (fork(2)).
  workerThreads: false,
};
