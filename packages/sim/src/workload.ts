/**
 * People at work, by a seed: a few of them open sessions, send bursts of requests, vanish, come
 * back, close; the server turns and its disk goes on, each a step at a time, in any order. What they
 * are told goes into a history.
 */
import type { Chance } from '@zabra/replica';
import { CreateFlags, type JuteWriter, type MultiOp, Opcode, operations } from '@zabra/wire';
import type { History } from './checkers/history.ts';
import type { Asked } from './checkers/judge-reply.ts';
import type { SimClient, SimSession } from './sim-client.ts';
import type { World } from './world.ts';

const PEOPLE = 4;
const TIMEOUT_MS = 6000;
const BURST_MAX = 5;
const FOLDERS = ['/a', '/b', '/c'];
const ACL = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

class Person {
  client: SimClient | null = null;
  session: SimSession | null = null;
  /** Replies taken so far. */
  heard = 0;
  readonly asked: Map<number, Asked | null> = new Map();
}

export class Workload {
  readonly #world: World;
  readonly #chance: Chance;
  readonly #history: History;
  readonly #people = Array.from({ length: PEOPLE }, () => new Person());

  constructor(world: World, chance: Chance, history: History) {
    this.#world = world;
    this.#chance = chance;
    this.#history = history;
  }

  /** Sessions somebody was given and has not closed, for those who come after. */
  get sessions(): readonly SimSession[] {
    return this.#people.flatMap(({ session }) => (session === null ? [] : [session]));
  }

  /** Somebody takes up a session of a life before. */
  inherit(sessions: readonly SimSession[]): void {
    for (const [i, session] of sessions.entries()) this.#people[i % PEOPLE]!.session = session;
  }

  /** One thing happens. */
  step(): void {
    const luck = this.#below(100);
    if (luck < 28) this.#act(this.#people[this.#below(PEOPLE)]!);
    else if (luck < 50) this.#world.turn();
    else if (luck < 98) this.#world.disk.step(this.#below(2) === 0 ? 'log' : 'snapshot');
    else this.#world.pass(this.#below(10) === 0 ? TIMEOUT_MS : 100);
    for (const person of this.#people) this.#listen(person);
  }

  #act(person: Person): void {
    const { client } = person;
    if (client === null || client.isClosed) this.#connect(person);
    else if (client.session === null) this.#sendWithout(person);
    else if (this.#below(12) === 0) this.#leave(person, client);
    else this.#burst(person, client);
  }

  #connect(person: Person): void {
    const client = this.#world.connect();
    person.client = client;
    person.heard = 0;
    person.asked.clear();
    this.#world.send(client, client.connect(TIMEOUT_MS, person.session));
  }

  /** Whoever is not greeted yet may give up, which must harm nobody. */
  #sendWithout(person: Person): void {
    if (this.#below(8) > 0 || person.client === null) return;
    this.#world.disconnect(person.client);
  }

  #leave(person: Person, client: SimClient): void {
    if (this.#below(2) === 0) {
      this.#world.disconnect(client);
      return;
    }
    this.#ask(person, client, Opcode.CloseSession, () => {});
    // Whether it was heard or not, the session is not asked for again.
    person.session = null;
  }

  #burst(person: Person, client: SimClient): void {
    const count = 1 + this.#below(BURST_MAX);
    for (let i = 0; i < count; i += 1) this.#request(person, client);
  }

  #request(person: Person, client: SimClient): void {
    const luck = this.#below(20);
    if (luck === 0) {
      const path = this.#node();
      this.#ask(person, client, Opcode.GetData, (writer) => {
        operations[Opcode.GetData].encodeRequest(writer, { path, watch: true });
      });
    } else if (luck < 4) {
      const ops = Array.from({ length: 2 + this.#below(3) }, () => this.#operation());
      this.#ask(person, client, Opcode.Multi, (writer) => {
        operations[Opcode.Multi].encodeRequest(writer, { ops });
      });
    } else {
      const op = this.#operation();
      this.#ask(person, client, op.type, (writer) => encode(writer, op), isSequential(op));
    }
  }

  #operation(): MultiOp {
    const luck = this.#below(10);
    if (luck < 3) {
      return {
        type: Opcode.SetData,
        body: { path: this.#node(), data: this.#data(), version: -1 },
      };
    }
    if (luck < 5) return { type: Opcode.Delete, body: { path: this.#node(), version: -1 } };
    if (luck < 6) {
      const version = this.#below(3);
      return { type: Opcode.SetData, body: { path: this.#node(), data: this.#data(), version } };
    }
    const kinds = [
      CreateFlags.Persistent,
      CreateFlags.Ephemeral,
      CreateFlags.PersistentSequential,
      CreateFlags.EphemeralSequential,
    ];
    const flags = kinds[this.#below(kinds.length)]!;
    const numbered = flags >= CreateFlags.PersistentSequential;
    const folder = this.#folder();
    const isFolder = flags === CreateFlags.Persistent && this.#below(2) === 0;
    const path = isFolder ? folder : `${folder}/${numbered ? 's' : `n${this.#below(4)}`}`;
    return { type: Opcode.Create, body: { path, data: this.#data(), acl: ACL, flags } };
  }

  #ask(
    person: Person,
    client: SimClient,
    opcode: number,
    body: (writer: JuteWriter) => void,
    isSequential = false,
  ): void {
    const { xid, bytes } = client.request(opcode, body);
    const session = client.session!.id;
    const isRead = opcode === Opcode.GetData;
    person.asked.set(xid, isRead ? null : { opcode, xid, session, isSequential });
    this.#world.send(client, bytes);
  }

  #listen(person: Person): void {
    const { client, asked } = person;
    if (client === null) return;
    if (client.session !== null && person.session === null && asked.size === 0) {
      person.session = client.session;
      this.#history.onSession(client.session.id);
    }
    // An answer without a session says that it has ended.
    if (client.isGreeted && client.session === null) person.session = null;
    for (; person.heard < client.replies.length; person.heard += 1) {
      const reply = client.replies[person.heard]!;
      const question = asked.get(reply.xid);
      if (question === null) this.#history.onSeen(reply.zxid);
      else if (question !== undefined) this.#history.onReply(question, reply);
    }
  }

  #folder(): string {
    return FOLDERS[this.#below(FOLDERS.length)]!;
  }

  #node(): string {
    const folder = this.#folder();
    return this.#below(4) === 0 ? folder : `${folder}/n${this.#below(4)}`;
  }

  #data(): Uint8Array | null {
    const length = this.#below(12);
    return length === 0 ? null : Uint8Array.from({ length: length - 1 }, () => this.#below(256));
  }

  #below(end: number): number {
    return Math.floor(this.#chance.next() * end);
  }
}

function encode(writer: JuteWriter, op: MultiOp): void {
  if (op.type === Opcode.SetData) operations[Opcode.SetData].encodeRequest(writer, op.body);
  else if (op.type === Opcode.Delete) operations[Opcode.Delete].encodeRequest(writer, op.body);
  else if (op.type === Opcode.Create) operations[Opcode.Create].encodeRequest(writer, op.body);
}

function isSequential(op: MultiOp): boolean {
  if (op.type !== Opcode.Create) return false;
  return (op.body.flags & CreateFlags.PersistentSequential) !== 0;
}
