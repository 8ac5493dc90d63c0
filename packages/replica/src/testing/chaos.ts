/**
 * Anything that can happen to an ensemble, step by step, to its servers, their disks and wires, and
 * to its clients; and how things are when it is over.
 */
import { EnsembleScript } from './ensemble-script.ts';

const TREE_ROW = /^\| zk_(znode_count|ephemerals_count|approximate_data_size|global_sessions)\t/;

/** What is done to whom: `place` says which server or client, `span` how long or how much. */
export interface ChaosStep {
  readonly kind: string;
  readonly place: number;
  readonly span: number;
}

export interface ChaosEnd {
  /** What each server is. */
  readonly roles: readonly string[];
  /** What each holds: its nodes, who it takes for the members, its counts. */
  readonly trees: readonly (readonly string[])[];
  /** Lasting nodes whose creation was answered. */
  readonly created: readonly string[];
  /** How often members were changed. */
  readonly changes: number;
}

export class Chaos {
  readonly #servers: readonly number[];
  readonly #script = new EnsembleScript();
  readonly #running: Set<number>;
  readonly #created: string[] = [];
  readonly #open = new Set<string>();
  #changes = 0;
  #clients = 0;
  #nodes = 0;

  /** Servers 1 to `members` are members from the start, those up to `servers` have yet to be. */
  constructor(members: number, servers: number, settings: string) {
    this.#servers = Array.from({ length: servers }, (_, i) => i + 1);
    this.#running = new Set(this.#servers);
    this.#run(`ensemble ${members} ${settings}`);
    for (let id = members + 1; id <= servers; id += 1) this.#run(`join ${id}`);
    this.#run('wait');
  }

  step({ kind, place, span }: ChaosStep): void {
    const server = this.#servers[place % this.#servers.length]!;
    if (kind === 'crash' && this.#running.delete(server)) this.#run(`crash ${server}`);
    else if (kind === 'start' && !this.#running.has(server)) this.#start(server);
    else if (kind === 'partition') this.#run(`partition ${this.#sides(span)}`);
    else if (kind === 'mend') this.#run('mend');
    else if (kind === 'hold' && this.#running.has(server)) this.#run(`hold disk ${server}`);
    else if (kind === 'release' && this.#running.has(server)) this.#run(`release disk ${server}`);
    else if (kind === 'snapshot' && this.#running.has(server)) this.#run(`snapshot ${server}`);
    else if (kind === 'open' && this.#running.has(server)) this.#connect(server, null);
    else if (kind === 'return' && this.#running.has(server)) this.#connect(server, place);
    else if (kind === 'create') this.#create(place, span);
    else if (kind === 'reconfig') this.#reconfigure(place, span);
    else if (kind === 'advance') this.#run(`advance ${span}`);
  }

  /** Everything is made well again, and looked at. */
  settle(): ChaosEnd {
    this.#run('mend');
    for (const server of this.#running) this.#run(`release disk ${server}`);
    for (const server of this.#servers) if (!this.#running.has(server)) this.#start(server);
    const roles = this.#run('wait');
    for (const name of this.#open) this.#run(`disconnect ${name}`);
    this.#open.clear();
    this.#run('advance 1000');
    const trees = this.#servers.map((server) => this.#treeOf(server));
    return { roles, trees, created: this.#created, changes: this.#changes };
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

  /** Makes others the members, two voters at least, the rest of them observers or none. */
  #reconfigure(place: number, span: number): void {
    const names = [...this.#open];
    const name = names[place % Math.max(1, names.length)];
    if (name === undefined) return;
    const members = this.#servers.flatMap((id) => {
      const part = Math.floor(span / 3 ** id) % 3;
      if (part === 0 || id === 1 + (span % this.#servers.length)) return [`${id}`];
      return part === 1 ? [] : [`${id}:observer`];
    });
    this.#run(`${name}: reconfig members=${members.join(',')}`);
  }

  /** Each server on one of two sides, or alone. */
  #sides(span: number): string {
    const sides = [0, 1].map((side) => this.#servers.filter((id) => ((span >> id) & 1) === side));
    const isApart = span % 7 === 0;
    const drawn = isApart
      ? this.#servers.map((id) => [id])
      : sides.filter((side) => side.length > 0);
    return drawn.map((side) => side.join(' ')).join('|');
  }

  /** What was said, having taken note of what was answered and who is gone. */
  #run(text: string): string[] {
    const said = this.#script.run({ text, parts: [] });
    for (const line of said) {
      const [, path] = /<- create (\S+) -> /.exec(line) ?? [];
      if (path?.startsWith('/n')) this.#created.push(path);
      if (line.includes('<- reconfig -> ')) this.#changes += 1;
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
    const [configuration = ''] = this.#script.run({ text: `${name}: config`, parts: [] });
    const members = / -> (.*), zxid/.exec(configuration)?.[1] ?? '';
    const children = /\[(.*)\]/.exec(listing)?.[1] ?? '';
    const size = rows.filter((row) => !row.includes('global_sessions'));
    return [` ${children},`.replaceAll(',', ' ,'), members, ...size];
  }
}
