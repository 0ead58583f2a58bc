const build = process.env.AVA_BUILD ?? 'build';

export default {
  files: [`${build}/test/**/*.test.js`],
  snapshotDir: 'snapshots',
  timeout: '10m',
  concurrency: 2,
  // Tests start programs and cut off processes: a fork copies the page tables of the process that it leaves, and stops all its threads
  // meanwhile. One process a file is small.
  workerThreads: false,
};
