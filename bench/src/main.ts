/**
 * `npm run bench`: measures Zabra, Apache ZooKeeper and a bare frame server side by side in one
 * run, and says which floors are reached. The method is told in ../README.md.
 */
import { mkdir } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { type Bench, say } from './bench.ts';
import { measureEnsembles, profileEnsemble } from './ensemble/ensemble-rows.ts';
import { prepareGenerator } from './generator.ts';
import { millionRows, startRows } from './life-rows.ts';
import { runRounds, startFilled } from './load-rounds.ts';
import { loadCosts, loadRows } from './load-rows.ts';
import { describeMachine, warningsFor } from './machine.ts';
import { runMillion } from './million.ts';
import { type Options, readOptions, usage } from './options.ts';
import { choosePlacement } from './placement.ts';
import { cacheFolder, repositoryRoot } from './places.ts';
import { profile } from './profile.ts';
import { markdownReport, textReport } from './report.ts';
import type { Cost, Result } from './result.ts';
import { type Role, type Row, withoutPeerFloor } from './row.ts';
import { apache } from './servers/apache.ts';
import { bare } from './servers/bare.ts';
import type { Candidate } from './servers/candidate.ts';
import { zabra } from './servers/zabra.ts';
import { runStarts } from './start.ts';
import { loadWorkloads } from './workloads.ts';

const BASE_TITLE = 'Zabra, base';

async function chooseCandidates(options: Options): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  if (options.servers.includes('zabra')) {
    candidates.push(zabra({ role: 'subject', checkout: repositoryRoot, title: 'Zabra' }));
  }
  if (options.servers.includes('peer') && options.peer !== 'none') {
    candidates.push(await choosePeer(options.peer));
  }
  if (options.servers.includes('bare') && options.subject === 'server') candidates.push(bare());
  return candidates;
}

async function choosePeer(peer: string): Promise<Candidate> {
  if (peer === 'apache38' || peer === 'apache39') return apache(peer);
  // npm runs scripts in the root of the repository; INIT_CWD is where the user stands.
  const checkout = isAbsolute(peer) ? peer : resolve(process.env.INIT_CWD ?? '.', peer);
  return zabra({ role: 'peer', checkout, title: BASE_TITLE });
}

async function run(bench: Bench): Promise<Result> {
  const { options } = bench;
  const machine = describeMachine();
  const startedAt = new Date().toISOString();
  await mkdir(cacheFolder, { recursive: true });
  const warnings = await warningsFor(machine, cacheFolder);
  if (options.quick) warnings.push('A quick run: it shows that all works, not how well.');
  for (const warning of warnings) say(warning);
  const measure = options.subject === 'server' ? measureServers : measureEnsembles;
  const { rows, costs } = await measure(bench);
  const isPeerABuild = bench.candidates.some((candidate) => candidate.title === BASE_TITLE);
  const titles: Partial<Record<Role, string>> = {};
  for (const { role, title } of bench.candidates) titles[role] = title;
  return {
    startedAt,
    machine,
    placement: bench.placement.description,
    generator: bench.generator.language,
    rounds: options.rounds,
    seconds: options.seconds,
    titles,
    rows: isPeerABuild ? rows.map(withoutPeerFloor) : rows,
    costs,
    warnings,
  };
}

function profileServer(bench: Bench): Promise<string> {
  const workloads = loadWorkloads.filter(({ id }) => bench.options.only.includes(id));
  return profile(bench, workloads, () => startFilled);
}

async function measureServers(bench: Bench): Promise<Pick<Result, 'rows' | 'costs'>> {
  const { options } = bench;
  const rows: Row[] = [];
  const costs: Cost[] = [];
  for (const workload of loadWorkloads) {
    if (!options.only.includes(workload.id)) continue;
    const rounds = await runRounds(bench, workload);
    rows.push(...loadRows(workload, rounds));
    costs.push(...loadCosts(workload, rounds));
  }
  if (options.only.includes('start')) rows.push(...startRows(await runStarts(bench)));
  if (options.only.includes('million')) {
    rows.push(...millionRows(await runMillion(bench), options.znodes));
  }
  return { rows, costs };
}

function print(result: Result, format: Options['output']): void {
  const report =
    format === 'json'
      ? `${JSON.stringify(result, null, 2)}\n`
      : format === 'markdown'
        ? markdownReport(result)
        : textReport(result);
  process.stdout.write(report);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(usage);
    return;
  }
  if (process.platform !== 'linux') {
    throw new Error('the bench needs Linux: CPU time and memory of the servers come from /proc');
  }
  const generator = await prepareGenerator(options.generator);
  const placement = choosePlacement(options.pin);
  if (options.profile) {
    const bench = { options, generator, placement, candidates: [] };
    process.stdout.write(
      await (options.subject === 'server' ? profileServer(bench) : profileEnsemble(bench)),
    );
    return;
  }
  const candidates = await chooseCandidates(options);
  print(await run({ options, generator, placement, candidates }), options.output);
}

// Ends the servers too: they are killed when this process exits.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

try {
  await main();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  say(`bench: ${message}`);
  if (error instanceof Error && error.cause instanceof Error) say(`  ${error.cause.message}`);
  process.exitCode = 1;
}
