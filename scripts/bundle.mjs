// Makes dist/dovetail.mjs: the one file that runs. Ink's developer tools stay out: they would open a socket as root.
import {readFileSync} from 'node:fs';
import {chmod, rename} from 'node:fs/promises';
import {build} from 'esbuild';

const {version} = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const outfile = new URL('../dist/dovetail.mjs', import.meta.url).pathname;
const fresh = `${outfile}.${process.pid}`;

await build({
  entryPoints: [new URL('../src/cli.ts', import.meta.url).pathname],
  outfile: fresh,
  bundle: true,
  minify: process.argv.includes('--minify') || !process.argv.includes('--readable'),
  keepNames: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  jsx: 'automatic',
  legalComments: 'none',
  logLevel: 'warning',
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    __DOVETAIL_VERSION__: JSON.stringify(version),
  },
  alias: {'react-devtools-core': new URL('empty.mjs', import.meta.url).pathname},
  banner: {
    js: "import {createRequire as __makeRequire} from 'node:module';const require=__makeRequire(import.meta.url);",
  },
});
await chmod(fresh, 0o755);
await rename(fresh, outfile);
