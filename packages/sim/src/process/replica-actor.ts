/** The replica that ships, as a machine's mind: one server alone, with a door for clients. */
import {
  type ClientOutput,
  type HostFacts,
  type Order,
  Recovery,
  Replica,
  type ReplicaSettings,
} from '@zabra/replica';
import type { DiskAnswer } from '../disk.ts';
import { type Actor, type Begetter, type Outlet, Port, type Standing } from './actor.ts';

const facts: HostFacts = {
  configuration: [['clientPort', 2181]],
  environment: [['host.name', 'machine']],
  snapshotBytes: 0,
  logBytes: 0,
  openFiles: 0,
  openFilesMax: 0,
};

export function replicaActors(settings: ReplicaSettings): Begetter {
  return ({ disk, monotonicMs, wallMs, host, life }) => {
    const { tree, hashKey, tickMs } = settings;
    const recovery = new Recovery({ tree, hashKey, tickMs });
    const problem = disk.recover(recovery);
    if (problem !== null) return problem;
    const database = recovery.finish();
    if (typeof database === 'string') return database;
    const seed = settings.seed + host * 1000 + life;
    const replica = new Replica({ ...settings, seed, serverId: host + 1 }, database);
    replica.begin(monotonicMs, wallMs);
    replica.start(database.replayed > 0);
    return new ReplicaActor(replica);
  };
}

export class ReplicaActor implements Actor {
  readonly #replica: Replica;
  /** What was handed out for each link and has not left yet. */
  readonly #unsent = new Map<number, ClientOutput[]>();
  #isListening = false;

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  begin(monotonicMs: number, wallMs: number): void {
    this.#replica.begin(monotonicMs, wallMs);
  }

  accepted(link: number, _port: number, caller: number): void {
    this.#replica.connected(link, `10.0.0.${caller}`, 10_000 + link);
  }

  dialed(): void {}

  dialFailed(): void {}

  received(link: number, bytes: Uint8Array): void {
    this.#replica.received(link, bytes);
  }

  ended(link: number): void {
    this.#replica.ended(link);
  }

  closed(link: number): void {
    this.#replica.disconnected(link);
    this.flushed(link);
  }

  flushed(link: number): void {
    const outputs = this.#unsent.get(link);
    if (outputs === undefined) return;
    this.#unsent.delete(link);
    for (const output of outputs) this.#replica.recycle(output);
  }

  diskAnswered(answer: DiskAnswer): void {
    if (answer.kind === 'done') this.#replica.diskDone(answer.ticket);
  }

  diskFailed(what: string): void {
    this.#replica.diskFailed(what);
  }

  drain(): void {
    this.#replica.drain();
  }

  turn(): void {
    this.#replica.turn();
  }

  take(outlet: Outlet): void {
    this.takeOutput(outlet);
    this.takeOrders(outlet);
  }

  /** What is for the disk, then what is for clients. */
  takeOutput(outlet: Outlet): void {
    for (const order of this.#replica.takeDisk()) outlet.disk(order);
    if (!this.#isListening) {
      this.#isListening = true;
      outlet.listen(Port.Client, true);
    }
    for (const output of this.#replica.takeClient()) this.#send(output, outlet);
  }

  takeOrders(outlet: Outlet): void {
    for (const order of this.#replica.takeOrders()) this.#perform(order, outlet);
  }

  wakeAt(): number {
    return this.#replica.wakeAt();
  }

  get standing(): Standing {
    const { lastZxid: appliedZxid, digest } = this.#replica;
    return { role: 'alone', isServing: true, epoch: 0, leader: -1, appliedZxid, digest };
  }

  #send(output: ClientOutput, outlet: Outlet): void {
    const { connection } = output;
    const unsent = this.#unsent.get(connection);
    if (unsent === undefined) this.#unsent.set(connection, [output]);
    else unsent.push(output);
    outlet.send(connection, output.bytes, output.byteCount);
  }

  #perform(order: Order, outlet: Outlet): void {
    switch (order.kind) {
      case 'close':
        outlet.close(order.connection);
        this.#replica.disconnected(order.connection);
        break;
      case 'cut':
        outlet.cut(order.connection);
        this.closed(order.connection);
        break;
      case 'pause':
      case 'resume':
        outlet.setReading(order.connection, order.kind === 'resume');
        break;
      case 'word':
        this.#replica.answerWord(order.connection, order.word, facts);
        break;
      case 'notice':
        outlet.notice(`${order.text}${factsOf(order)}`, order.level);
        break;
      case 'stop':
        outlet.stop(order.reason);
        break;
    }
  }
}

function factsOf({ facts: known }: Order & { kind: 'notice' }): string {
  const told = Object.entries(known).map(([name, value]) => `${name} ${value}`);
  return told.length === 0 ? '' : `: ${told.join(', ')}`;
}
