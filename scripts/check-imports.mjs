// Dependencies point one way (CONTRIBUTING.md): each room may import only the rooms named here, and no cycles.
import {readdirSync, readFileSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const pureRoom = {node: false};
const rooms = {
  core: {...pureRoom, may: []},
  config: {...pureRoom, may: ['core']},
  planner: {...pureRoom, may: ['core', 'config']},
  migrate: {...pureRoom, may: ['core', 'config', 'planner']},
  answers: {...pureRoom, may: ['core']},
  session: {...pureRoom, may: ['core', 'answers']},
  steps: {...pureRoom, may: ['core', 'config', 'planner/dialects', 'templates']},
  templates: {...pureRoom, may: ['core']},
  i18n: {...pureRoom, may: ['core']},
  system: {may: ['core']},
  platforms: {may: ['core']},
  pki: {may: ['core']},
  detect: {may: ['core', 'config', 'pki', 'platforms', 'system']},
  materials: {may: ['config', 'core', 'pki', 'system']},
  changes: {may: ['core', 'config', 'pki', 'planner', 'system']},
  stage: {may: ['core', 'system']},
  transaction: {may: ['core', 'config', 'planner', 'system', 'changes', 'templates']},
  probes: {may: ['core', 'system', 'pki']},
  ui: {may: ['core', 'session', 'answers', 'i18n']},
  linear: {may: ['core', 'session', 'answers', 'i18n']},
};
const programs = new Set(['execa']);

const files = ['src', 'steps', 'templates']
  .flatMap(folder => list(folder))
  .filter(name => /\.tsx?$/.test(name));
const graph = new Map(files.map(file => [file, importsOf(file)]));
const problems = [...graph].flatMap(([file, imports]) =>
  imports.flatMap(({to, name}) => judge(file, to, name)),
);
problems.push(...cycles());
for (const problem of problems) {
  console.log(problem);
}

console.log(`${files.length} files, ${problems.length} violations`);
process.exitCode = problems.length === 0 && files.length > 0 ? 0 : 1;

function list(folder) {
  try {
    return readdirSync(join(root, folder), {recursive: true}).map(name => join(folder, name));
  } catch {
    return [];
  }
}

function importsOf(file) {
  const source = readFileSync(join(root, file), 'utf8');
  const pattern =
    /^\s*(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;
  return [...source.matchAll(pattern)].map(match => {
    const name = match[2] ?? match[3] ?? match[4];
    const local = name.startsWith('.') ? relative(root, join(root, dirname(file), name)) : undefined;
    const to = local?.replace(/\.js$/, '');
    return {
      name,
      type: match[1] !== undefined,
      lazy: match[4] !== undefined,
      to: to && (['.ts', '.tsx'].map(end => to + end).find(path => files.includes(path)) ?? to),
    };
  });
}

function roomOf(file) {
  const parts = file.split('/');
  return parts[0] === 'src' ? parts[1].replace(/\.tsx?$/, '') : parts[0];
}

function judge(file, to, name) {
  const rule = rooms[roomOf(file)];
  if (rule === undefined) {
    return [];
  }

  if (to === undefined) {
    const outside = rule.node === false && (name.startsWith('node:') || programs.has(name));
    return outside ? [`${file}: a pure room may not import ${name}`] : [];
  }

  const inside = roomOf(to) === roomOf(file);
  const path = to.replace(/^src\//, '');
  const allowed = inside || rule.may.some(room => path === room || path.startsWith(`${room}/`));
  return allowed ? [] : [`${file}: ${roomOf(file)} may not import ${path}`];
}

function cycles() {
  const found = [];
  const state = new Map();
  const visit = (file, trail) => {
    state.set(file, 'open');
    for (const {to, type, lazy} of graph.get(file) ?? []) {
      if (type || lazy || !graph.has(to)) {
        continue;
      }

      if (state.get(to) === 'open') {
        found.push(`cycle: ${[...trail.slice(trail.indexOf(to)), file, to].join(' → ')}`);
      } else if (!state.has(to)) {
        visit(to, [...trail, file]);
      }
    }

    state.set(file, 'done');
  };

  for (const file of files) {
    if (!state.has(file)) {
      visit(file, []);
    }
  }

  return found;
}
