// Stands in front of every npm script, so that one command works on a fresh clone. It uses nothing
// but Node itself: when it starts, node_modules may not be there yet.
//
// It installs when what is installed is not what the lock file asks for, builds what changed, and
// then runs the target named by its first argument. What it says about itself goes to stderr, so
// that the output of the target stays clean.

import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

// When set, a directory in which each run leaves its counts, one JSON file per run, for .ci/run.
const totalsDirectory = process.env.ZABRA_TOTALS;

const parentCheckMs = 200;

const targets = { start, build, test, check, suite, campaign, bench, sim };

function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Between npm and this process stands a shell that hands no signal on: when npm is told to stop, the
 * shell dies and this process would be left behind. That its parent is gone is then the signal.
 */
function followParent() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, parentCheckMs);
  watch.unref();
}

/** Runs a command in the root, hands signals on to it, and gives its exit code. */
function run(command, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: 'inherit',
    });
    const forward = (signal) => child.kill(signal);
    process.on('SIGINT', forward);
    process.on('SIGTERM', forward);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', forward);
      process.off('SIGTERM', forward);
      resolve(signal === null ? code : 1);
    });
  });
}

/** The npm that started this script, if it was one: on Windows it is no program of that name. */
function npm(...args) {
  const path = process.env.npm_execpath;
  return path === undefined ? run('npm', args) : run(process.execPath, [path, ...args]);
}

const runTool = (path, args, env) =>
  run(process.execPath, [join(root, 'node_modules', path), ...args], env);

const tools = {
  tsc: (...args) => runTool('typescript/bin/tsc', args),
  biome: (...args) => runTool('@biomejs/biome/bin/biome', args),
  knip: (...args) => runTool('knip/bin/knip.js', args),
  publint: (...args) => runTool('publint/src/cli.js', args),
};

/** npm keeps a copy of the lock file of what it installed: every package we need must be in it. */
function isInstalled() {
  const installedPath = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedPath)) return false;
  const { packages: installed } = JSON.parse(readFileSync(installedPath, 'utf8'));
  const { packages: wanted } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.optional) return true;
    const found = installed[path];
    return found?.version === entry.version && found?.resolved === entry.resolved;
  });
}

async function install() {
  if (isInstalled()) return;
  say('Installing packages (npm ci) …');
  const code = await npm('ci');
  if (code !== 0) fail(`npm ci ended with exit code ${code}.`, code);
}

async function compile() {
  const code = await tools.tsc('-b');
  if (code !== 0) fail('The build failed; see above.', code);
  await bundle();
}

/** Bundles the command into one file, for a quick start. */
async function bundle() {
  const { bundled, compiled, isBundleCurrent } = await import('../packages/cli/bin/program.js');
  if (isBundleCurrent()) return;
  const { rolldown } = await import('rolldown');
  const build = await rolldown({
    input: fileURLToPath(compiled),
    platform: 'node',
    // Imported late, when there is something to log.
    external: ['pino'],
  });
  // Renamed into its place, so that a server starting meanwhile never reads half of it.
  const file = fileURLToPath(bundled);
  const unfinished = `${file}.${process.pid}`;
  await build.write({ file: unfinished, format: 'esm', codeSplitting: false });
  await build.close();
  renameSync(unfinished, file);
}

function fail(message, code) {
  say(message);
  process.exit(code || 1);
}

/** The server runs in this very process: signals reach it, and its exit code is ours. */
async function start(args) {
  await compile();
  const bin = join(root, 'packages/cli/bin/zabra.js');
  process.argv = [process.execPath, bin, 'serve', ...args];
  await import(pathToFileURL(bin).href);
}

async function build() {
  await compile();
}

async function test(args) {
  await compile();
  process.exitCode = await vitest('test', 'vitest.config.ts', ['--project', 'unit', ...args]);
}

async function suite([name, ...args]) {
  const names = suiteNames();
  if (name === undefined || !names.includes(name)) {
    fail(`Usage: npm run suite -- <suite> [--full]\nSuites: ${names.join(', ')}`, 2);
  }
  await compile();
  process.exitCode = await runSuite(name, args);
}

/** Every suite in full counts, to its end. */
async function campaign(args) {
  await compile();
  const failed = [];
  for (const name of suiteNames()) {
    say(`\n── ${name}`);
    if ((await runSuite(name, ['--full', ...args])) !== 0) failed.push(name);
  }
  finish(failed, 'All suites passed.');
}

async function bench(args) {
  await compile();
  process.exitCode = await run(process.execPath, [join(root, 'bench/dist/main.js'), ...args]);
}

async function sim(args) {
  await compile();
  process.exitCode = await run(process.execPath, [
    join(root, 'packages/sim/bin/simulate.js'),
    ...args,
  ]);
}

function runSuite(name, args) {
  const rest = args.filter((arg) => arg !== '--full');
  const counts = rest.length < args.length ? 'full' : (process.env.ZABRA_COUNTS ?? 'small');
  return vitest(`suite-${name}`, 'tests/vitest.config.ts', ['--project', name, ...rest], {
    ZABRA_COUNTS: counts,
  });
}

/** A suite is a folder of tests/ that holds a *.suite.ts (tests/README.md). */
function suiteNames() {
  const files = readdirSync(join(root, 'tests'), { recursive: true });
  const suites = files.filter((path) => path.endsWith('.suite.ts'));
  return [...new Set(suites.map((path) => path.split(sep)[0]))].sort();
}

function vitest(run, config, args, env) {
  const reporters = ['--reporter=default'];
  if (totalsDirectory !== undefined) {
    reporters.push('--reporter=json', `--outputFile.json=${join(totalsDirectory, `${run}.json`)}`);
  }
  return runTool('vitest/vitest.mjs', ['run', '--config', config, ...reporters, ...args], env);
}

// Left to itself, Biome colours what goes into a file, too.
const colors = process.stdout.isTTY ? '--colors=force' : '--colors=off';

/** Runs every check to its end, so that one run shows all that is wrong. */
async function check() {
  const checks = [
    ['types', () => tools.tsc('-b')],
    ['types of tests and scripts', () => tools.tsc('-p', 'tsconfig.tests.json')],
    ['format, lint, layers', () => tools.biome('ci', '--error-on-warnings', colors)],
    // npm leaves entries for other systems out of a lock file it could not look them up for.
    ['lock file', () => npm('ci', '--dry-run', '--ignore-scripts')],
    ['unused files, exports, dependencies', () => tools.knip()],
    ...packageDirectories().map((directory) => [
      `manifest of ${directory}`,
      () => tools.publint(directory, '--strict', '--pack', 'npm'),
    ]),
    ['fences', () => vitest('fences', 'vitest.config.ts', ['--project', 'fences'])],
  ];
  const failed = [];
  for (const [name, command] of checks) {
    say(`\n── ${name}`);
    if ((await command()) !== 0) failed.push(name);
  }
  if (totalsDirectory !== undefined) {
    mkdirSync(totalsDirectory, { recursive: true });
    writeFileSync(
      join(totalsDirectory, 'check.json'),
      JSON.stringify({
        numPassedTests: checks.length - failed.length,
        numFailedTests: failed.length,
      }),
    );
  }
  finish(failed, 'All checks passed.');
}

function finish(failed, allIsWell) {
  say(`\n${failed.length === 0 ? allIsWell : `Failed: ${failed.join('; ')}.`}`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

function packageDirectories() {
  return readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
}

const [name, ...args] = process.argv.slice(2);
if (!Object.hasOwn(targets, name)) {
  fail(`Usage: node scripts/bootstrap.mjs ${Object.keys(targets).join('|')} [arguments]`, 2);
}
followParent();
await install();
await targets[name](args);
