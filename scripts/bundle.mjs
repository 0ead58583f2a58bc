// Makes dist/dovetail.mjs and its chunks: what runs, without node_modules. One chunk a command, so that `--help`,
// `--version` and `status` do not wait for the wizard. Ink's developer tools stay out: they would open a socket as root.
import {readFileSync} from 'node:fs';
import {chmod, mkdir, readdir, rename, rm, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {build} from 'esbuild';

// `./test/run` makes it once, before the tests that ask for it.
if (process.env.DOVETAIL_BUNDLED === '1') {
  process.exit(0);
}

// An import of a part of Node loads all of it and asks for every name it exports, whether it is used or not. `status` pays
// more for that than for its own work, so each part is loaded where one of its names is first used.
const lazyParts = {
  name: 'lazy-parts',
  setup: ({onResolve, onLoad}) => {
    onResolve(
      {
        filter:
          /^(?:node:)?(?:child_process|crypto|dns|fs|http|https|net|os|path|timers\/promises|tls|url|util|zlib)$/,
      },
      ({path, kind}) =>
        kind === 'import-statement'
          ? {path: path.replace(/^(?:node:)?/, 'node:'), namespace: 'part'}
          : undefined,
    );
    onLoad({filter: /./, namespace: 'part'}, ({path}) => {
      const names = JSON.stringify(Object.keys(process.getBuiltinModule(path)));
      return {
        contents: `for (const name of ${names}) Object.defineProperty(exports, name, {
          enumerable: true,
          get: () => process.getBuiltinModule(${JSON.stringify(path)})[name],
        });`,
      };
    });
  },
};

// The screens' own texts need no tables of all the world's scripts (src/ui/text): those are loaded with the first text that does.
const lazyTables = {
  name: 'lazy-tables',
  setup: ({onResolve}) => {
    const adapter = new URL('../src/ui/text/string-width.ts', import.meta.url).pathname;
    onResolve({filter: /^string-width$/}, ({importer}) =>
      importer === adapter ? undefined : {path: adapter},
    );
  },
};

const {version} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const dist = new URL('../dist', import.meta.url).pathname;
const entry = 'dovetail.mjs';
/** Chunks of another build are left this long, in milliseconds: a program that runs may still load them. */
const graceTime = 86_400_000;

const fresh = `${dist}/build-${process.pid}`;
/** What all bundles have in common. */
const options = {
  outdir: fresh,
  bundle: true,
  plugins: [lazyParts, lazyTables],
  // Names stay, for the traces of failures: esbuild's own way to keep them costs a call for each function at the start.
  minifyWhitespace: true,
  minifySyntax: true,
  platform: 'node',
  target: 'node24',
  jsx: 'automatic',
  legalComments: 'none',
  logLevel: 'warning',
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    // Ink's layout engine would fetch its own bytes from a data: address, and load an HTTP client for that.
    fetch: 'undefined',
    'Intl.Segmenter': 'PlainSegmenter',
    __DOVETAIL_VERSION__: JSON.stringify(version),
  },
  inject: [new URL('../src/ui/text/segmenter.ts', import.meta.url).pathname],
  alias: {'react-devtools-core': new URL('empty.mjs', import.meta.url).pathname},
};

const source = name => new URL(`../src/${name}.ts`, import.meta.url).pathname;
await build({
  ...options,
  entryPoints: {dovetail: source('cli')},
  outExtension: {'.js': '.mjs'},
  chunkNames: 'chunk-[hash]',
  splitting: true,
  format: 'esm',
  banner: {
    js: "const require=name=>process.getBuiltinModule('node:module').createRequire(import.meta.url)(name);",
  },
});
await build({
  ...options,
  entryPoints: {quick: source('quick')},
  outExtension: {'.js': '.cjs'},
  // Nothing in it runs a program.
  external: ['execa'],
  format: 'cjs',
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
