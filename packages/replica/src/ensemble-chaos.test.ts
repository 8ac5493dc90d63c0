/**
 * Ensembles to which everything happens that can: servers die and come back, wires are cut, disks
 * keep everybody waiting, sessions move. Whatever was answered is there in the end, on all servers
 * alike, and whatever was refused is nowhere.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EnsembleScript } from './testing/ensemble-script.ts';

const SERVERS = [1, 2, 3];
const SIDES = ['1|2 3', '2|1 3', '3|1 2', '1|2|3'];
const TREE_ROW = /^\| zk_(znode_count|ephemerals_count|approximate_data_size|global_sessions)\t/;

class Chaos {
  readonly #script = new EnsembleScript();
  readonly #running = new Set(SERVERS);
  readonly #created: string[] = [];
  readonly #open = new Set<string>();
  #clients = 0;
  #nodes = 0;

  constructor(truncates: boolean, recentBytesMax: number) {
    this.#run(`ensemble 3 truncates=${truncates} recentBytesMax=${recentBytesMax}`);
    this.#run('wait');
  }

  step(kind: string, place: number, span: number): void {
    const server = SERVERS[place % SERVERS.length]!;
    if (kind === 'crash' && this.#running.delete(server)) this.#run(`crash ${server}`);
    else if (kind === 'start' && !this.#running.has(server)) this.#start(server);
    else if (kind === 'partition') this.#run(`partition ${SIDES[place % SIDES.length]}`);
    else if (kind === 'mend') this.#run('mend');
    else if (kind === 'hold' && this.#running.has(server)) this.#run(`hold disk ${server}`);
    else if (kind === 'release' && this.#running.has(server)) this.#run(`release disk ${server}`);
    else if (kind === 'snapshot' && this.#running.has(server)) this.#run(`snapshot ${server}`);
    else if (kind === 'open' && this.#running.has(server)) this.#connect(server, null);
    else if (kind === 'return' && this.#running.has(server)) this.#connect(server, place);
    else if (kind === 'create') this.#create(place, span);
    else if (kind === 'advance') this.#run(`advance ${span}`);
  }

  /** Everything is made well again, and compared. */
  settle(): void {
    this.#run('mend');
    for (const server of this.#running) this.#run(`release disk ${server}`);
    for (const server of SERVERS) if (!this.#running.has(server)) this.#start(server);
    const roles = this.#run('wait');
    expect(roles.filter((role) => role.includes('leading'))).toHaveLength(1);
    expect(roles.every((role) => role.includes(', serves,'))).toBe(true);
    for (const name of this.#open) this.#run(`disconnect ${name}`);
    this.#open.clear();
    this.#run('advance 1000');
    const trees = SERVERS.map((server) => this.#treeOf(server));
    for (const tree of trees) expect(tree).toEqual(trees[0]);
    for (const path of this.#created) expect(trees[0]?.[0]).toContain(` ${path.slice(1)} ,`);
  }

  #start(server: number): void {
    this.#running.add(server);
    this.#run(`start ${server}`);
  }

  #connect(server: number, session: number | null): void {
    const name = `c${this.#clients}`;
    const known = session === null ? '' : ` session=c${session % Math.max(1, this.#clients)}`;
    this.#clients += 1;
    this.#open.add(name);
    this.#run(`open ${name} at=${server} timeout=40000${known}`);
  }

  #create(place: number, span: number): void {
    const names = [...this.#open];
    const name = names[place % Math.max(1, names.length)];
    if (name === undefined) return;
    const isEphemeral = span % 3 === 0;
    const path = `/${isEphemeral ? 'e' : 'n'}${this.#nodes}`;
    this.#nodes += 1;
    this.#run(`${name}: create ${path} size=${span % 50}${isEphemeral ? ' ephemeral' : ''}`);
  }

  /** What was said, having taken note of what was answered and who is gone. */
  #run(text: string): string[] {
    const said = this.#script.run({ text, parts: [] });
    for (const line of said) {
      const [, path] = /<- create (\S+) -> /.exec(line) ?? [];
      if (path?.startsWith('/n')) this.#created.push(path);
      const [, gone] = /^(\w+) is (?:closed|cut off)/.exec(line) ?? [];
      if (gone !== undefined) this.#open.delete(gone);
    }
    return said.filter((line) => !line.startsWith('c'));
  }

  #treeOf(server: number): string[] {
    const rows = this.#run(`word mntr at=${server}`).filter((row) => TREE_ROW.test(row));
    const name = `probe${server}`;
    this.#script.run({ text: `open ${name} at=${server} timeout=40000`, parts: [] });
    const [listing = ''] = this.#script.run({ text: `${name}: getChildren /`, parts: [] });
    const children = /\[(.*)\]/.exec(listing)?.[1] ?? '';
    const size = rows.filter((row) => !row.includes('global_sessions'));
    return [` ${children},`.replaceAll(',', ' ,'), ...size];
  }
}

const kinds = [
  'crash',
  'start',
  'start',
  'partition',
  'mend',
  'hold',
  'release',
  'snapshot',
  'open',
  'open',
  'return',
  'create',
  'create',
  'create',
  'advance',
  'advance',
];

test('what was answered is there in the end, on all servers alike', { timeout: 120_000 }, () => {
  const step = fc.record({
    kind: fc.constantFrom(...kinds),
    place: fc.nat(20),
    span: fc.integer({ min: 100, max: 15_000 }),
  });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }),
      fc.boolean(),
      fc.constantFrom(0, 1024 * 1024),
      (steps, truncates, recentBytesMax) => {
        const chaos = new Chaos(truncates, recentBytesMax);
        for (const { kind, place, span } of steps) chaos.step(kind, place, span);
        chaos.settle();
      },
    ),
    { numRuns: Number(process.env.CHAOS_RUNS ?? 30) },
  );
});
