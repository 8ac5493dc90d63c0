/**
 * What a session may rely on as to its watches. While it is connected, each change that one of them
 * hears of is told once, before any answer that shows it and in the order of the changes; a one-shot
 * watch tells of the first alone. Nothing is told of what has not happened, or to who has not asked.
 * Over a change of connection: what a one-shot watch missed is told before it counts as set again.
 */
import { ErrorCode, EventType, Opcode } from '@zabra/wire';
import type { Operation, SessionLife } from '../people/journal.ts';
import type { Change, Changes } from './changes.ts';
import { hears, isLasting, kindsOfType, type Watched, watchesIn, watchSet } from './watch-kinds.ts';

/** As a server has it: it tells of changes behind a zxid. */
interface Watch extends Watched {
  readonly since: bigint;
}

/** What is told behind a reconnect bears no zxid, nor do the events of servers before 3.9. */
const UNTOLD = -1n;
const OF_NODE = [EventType.Created, EventType.Deleted, EventType.DataChanged];
const NO_WATCHES: readonly Watch[] = [];
const OF_CHILDREN = [EventType.ChildrenChanged, EventType.Deleted];

export function judgeWatches(life: SessionLife, changes: Changes): string[] {
  const judge = new WatchJudge(life, changes);
  for (const heard of life.heard) {
    if (heard.kind === 'connected') judge.onConnected();
    else if (heard.kind === 'event') judge.onEvent(heard.type, heard.path, heard.zxid);
    else if (heard.kind === 'reply') judge.onReply(heard.operation);
  }
  return judge.violations;
}

class WatchJudge {
  readonly violations: string[] = [];
  readonly #life: SessionLife;
  readonly #changes: Changes;
  #live = new Map<string, Watch>();
  /** Their connection is gone and they were not set again yet. */
  readonly #lapsed = new Map<string, Watch>();
  /** Of the changes, those before here were told or concern nobody. */
  #next = 0;
  /** Changes at or behind it that were told already, of the transaction that is next. */
  readonly #told = new Set<Change>();

  constructor(life: SessionLife, changes: Changes) {
    this.#life = life;
    this.#changes = changes;
  }

  onConnected(): void {
    for (const [key, watch] of this.#live) {
      if (!this.#lapsed.has(key)) this.#lapsed.set(key, watch);
    }
    this.#live.clear();
  }

  onReply(operation: Operation): void {
    const { ask, answer } = operation;
    const { zxid, error } = answer!;
    if (ask.type === Opcode.Auth) return;
    this.#mustHaveTold(zxid);
    if (ask.type === Opcode.RemoveWatches) this.#onRemoved(ask.body, error);
    else if (ask.type === Opcode.SetWatches || ask.type === Opcode.SetWatches2) {
      if (error === ErrorCode.Ok) for (const one of watchesIn(operation)) this.#again(one, zxid);
    } else {
      const watched = watchSet(operation);
      if (watched !== null) this.#onSet(watched, zxid);
    }
  }

  onEvent(type: number, path: string, zxid: bigint): void {
    if (zxid === UNTOLD) {
      if (!this.#tellsMissed(type, path)) this.#onUntold(type, path);
      return;
    }
    this.#mustHaveTold(zxid - 1n);
    const change = this.#changes
      .of(zxid)
      .find((one) => one.type === type && one.path === path && !this.#told.has(one));
    this.#onTold(type, path, zxid, change);
  }

  /** An event of a live watch, whatever transaction it is of. */
  #onUntold(type: number, path: string): void {
    const watch = [...this.#live.values()].find((one) => hears(one, type, path));
    const change =
      watch === undefined ? undefined : this.#changes.firstAfter(path, watch.since, typesOf(watch));
    this.#onTold(type, path, UNTOLD, change?.type === type ? change : undefined);
  }

  #onTold(type: number, path: string, zxid: bigint, change: Change | undefined): void {
    const heard = [...this.#live.values()].filter((one) => hears(one, type, path));
    const [first] = heard;
    if (first === undefined) {
      this.#violate(`was told ${type} of ${path}, and had not asked`);
      return;
    }
    const isNews = heard.some(({ since }) => change !== undefined && change.zxid > since);
    if (!isNews) {
      const true_ = this.#changes.firstAfter(path, first.since, typesOf(first));
      const truth = true_ === undefined ? 'nothing' : `${true_.type} at ${true_.zxid}`;
      this.#violate(`was told ${type} of ${path} at ${zxid}, and there was ${truth}`);
    }
    if (change !== undefined) this.#told.add(change);
    this.#fire(heard);
  }

  /** A watch that was away tells of what it missed, before it is answered that it is set again. */
  #tellsMissed(type: number, path: string): boolean {
    const watch = [...this.#lapsed.values()].find(
      (one) => !isLasting(one) && hears(one, type, path),
    );
    if (watch === undefined) return false;
    this.#lapsed.delete(keyOf(watch));
    if (this.#firstMissed(watch) === undefined) this.#violate(`was told of ${path} for nothing`);
    return true;
  }

  /** An answer as of this zxid has come, or an event behind it. */
  #mustHaveTold(zxid: bigint): void {
    const { all } = this.#changes;
    for (; this.#next < all.length && all[this.#next]!.zxid <= zxid; this.#next += 1) {
      const change = all[this.#next]!;
      if (this.#told.delete(change) || this.#live.size === 0) continue;
      const deaf = this.#deafTo(change);
      if (deaf.length === 0) continue;
      const { path } = change;
      this.#violate(`saw ${zxid} and was not told that ${path} changed at ${change.zxid}`);
      this.#fire(deaf);
    }
  }

  /** One that was away and not set again by now was given up: its removal may never have been answered. */
  #onSet(watched: Watched, zxid: bigint): void {
    const key = keyOf(watched);
    this.#lapsed.delete(key);
    if (!this.#live.has(key)) this.#live.set(key, { ...watched, since: zxid });
  }

  /** Watches that are live and hear of it. */
  #deafTo({ type, path, zxid }: Change): readonly Watch[] {
    let deaf = NO_WATCHES;
    for (const watch of this.#live.values()) {
      if (hears(watch, type, path) && zxid > watch.since) deaf = [...deaf, watch];
    }
    return deaf;
  }

  #fire(watches: readonly Watch[]): void {
    for (const watch of watches) if (!isLasting(watch)) this.#live.delete(keyOf(watch));
  }

  #again(watched: Watched, zxid: bigint): void {
    const key = keyOf(watched);
    const watch = this.#lapsed.get(key);
    if (watch === undefined) return;
    this.#lapsed.delete(key);
    const { path, since } = watch;
    const change = isLasting(watch) ? undefined : this.#firstMissed(watch);
    const isMissed = change !== undefined && change.zxid <= zxid;
    // Who waits for a node that came and went is not told of it.
    const cameAndWent = !this.#changes.isThere(path, since) && !this.#changes.isThere(path, zxid);
    if (isMissed && !cameAndWent) {
      this.#violate(`was not told that ${path} changed at ${change.zxid} while it was away`);
    }
    this.#live.set(key, { ...watched, since: zxid });
  }

  #onRemoved({ path, type }: { path: string; type: number }, error: number): void {
    const kinds = kindsOfType.get(type) ?? [];
    const gone = [...this.#live].filter(([, one]) => one.path === path && kinds.includes(one.kind));
    for (const [key] of gone) this.#live.delete(key);
    const expected = gone.length === 0 ? ErrorCode.NoWatcher : ErrorCode.Ok;
    if (error === expected) return;
    this.#violate(`had watches of ${path} removed with ${error}, and there were ${gone.length}`);
  }

  #firstMissed(watch: Watch): Change | undefined {
    return this.#changes.firstAfter(watch.path, watch.since, typesOf(watch));
  }

  #violate(what: string): void {
    const { id, client } = this.#life;
    this.violations.push(`session ${id.toString(16)} of client ${client} ${what}`);
  }
}

/** To a server a watch is the same whether its node was there or not. */
function keyOf({ kind, path }: Watched): string {
  return `${kind === 'exist' ? 'data' : kind} ${path}`;
}

function typesOf({ kind }: Watched): readonly number[] {
  if (kind === 'persistent') return [...OF_NODE, EventType.ChildrenChanged];
  return kind === 'child' ? OF_CHILDREN : OF_NODE;
}
