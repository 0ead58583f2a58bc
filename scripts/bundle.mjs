// Makes dist/dovetail.mjs and its chunks: what runs, without node_modules. One chunk a command, so that `--help`,
// `--version` and `status` do not wait for the wizard. Ink's developer tools stay out: they would open a socket as root.
import {readFileSync} from 'node:fs';
import {chmod, mkdir, readdir, rename, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {build} from 'esbuild';

const {version} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const dist = new URL('../dist', import.meta.url).pathname;
const entry = 'dovetail.mjs';
/** Chunks of another build are left this long, in milliseconds: a program that runs may still load them. */
const graceTime = 86_400_000;

const fresh = `${dist}/build-${process.pid}`;
await build({
  entryPoints: {dovetail: new URL('../src/cli.ts', import.meta.url).pathname},
  outdir: fresh,
  outExtension: {'.js': '.mjs'},
  chunkNames: 'chunk-[hash]',
  bundle: true,
  splitting: true,
  // Names stay, for the traces of failures: esbuild's own way to keep them costs a call for each function at the start.
  minifyWhitespace: true,
  minifySyntax: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  jsx: 'automatic',
  legalComments: 'none',
  logLevel: 'warning',
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    // Ink's layout engine would fetch its own bytes from a data: address, and load an HTTP client for that.
    fetch: 'undefined',
    __DOVETAIL_VERSION__: JSON.stringify(version),
  },
  alias: {'react-devtools-core': new URL('empty.mjs', import.meta.url).pathname},
  banner: {
    js: "import {createRequire as __makeRequire} from 'node:module';const require=__makeRequire(import.meta.url);",
  },
});

// Chunks first, the entry last and in one step: whoever starts dovetail meanwhile gets the old build or the new one.
await mkdir(dist, {recursive: true});
const made = await readdir(fresh);
await chmod(join(fresh, entry), 0o755);
for (const name of [...made.filter(name => name !== entry), entry]) {
  await rename(join(fresh, name), join(dist, name));
}

await rm(fresh, {recursive: true});
for (const name of await readdir(dist)) {
  const path = join(dist, name);
  if (
    name.startsWith('chunk-') &&
    !made.includes(name) &&
    (await stat(path)).mtimeMs < Date.now() - graceTime
  ) {
    await rm(path);
  }
}
