/**
 * What a session may rely on as to its one-shot watches: each tells once, of the first change behind
 * the moment it was set; none tells of what has not happened; and no answer shows a change that a
 * watch has not told of before. Over a change of connection: what was missed is told before the watch
 * counts as set again.
 */
import { ErrorCode, EventType, Opcode } from '@zabra/wire';
import type { Operation, SessionLife } from '../people/journal.ts';
import type { Changes } from './changes.ts';

type Kind = 'data' | 'child';

interface Watch {
  readonly kind: Kind;
  readonly path: string;
  /** It tells of changes behind this zxid. */
  since: bigint;
  /** Its connection is gone and it was not set again yet. */
  isLapsed: boolean;
}

/** Servers before 3.9 do not tell of which transaction an event is. */
const UNTOLD = -1n;
const OF_NODE = [EventType.Created, EventType.Deleted, EventType.DataChanged];
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
  readonly #watches = new Map<string, Watch>();

  constructor(life: SessionLife, changes: Changes) {
    this.#life = life;
    this.#changes = changes;
  }

  onConnected(): void {
    for (const watch of this.#watches.values()) watch.isLapsed = true;
  }

  onReply({ ask, answer }: Operation): void {
    const { zxid, error } = answer!;
    if (ask.type === Opcode.SetWatches) {
      if (error === ErrorCode.Ok) this.#setAgain(zxid);
      return;
    }
    for (const watch of this.#watches.values())
      if (!watch.isLapsed) this.#mustHaveTold(watch, zxid);
    if (ask.type === Opcode.GetChildren2 && ask.body.watch && error === ErrorCode.Ok) {
      this.#set('child', ask.body.path, zxid);
    }
    if (ask.type === Opcode.GetData && ask.body.watch && error === ErrorCode.Ok) {
      this.#set('data', ask.body.path, zxid);
    }
    if (ask.type === Opcode.Exists && ask.body.watch) {
      if (error === ErrorCode.Ok || error === ErrorCode.NoNode)
        this.#set('data', ask.body.path, zxid);
    }
  }

  onEvent(type: number, path: string, zxid: bigint): void {
    const data = type === EventType.ChildrenChanged ? undefined : this.#watches.get(`data ${path}`);
    const mayBeChild = type === EventType.ChildrenChanged || type === EventType.Deleted;
    const child = mayBeChild ? this.#watches.get(`child ${path}`) : undefined;
    const watch = data ?? child;
    if (watch === undefined) {
      this.#violate(`was told ${type} of ${path}, and had not asked`);
      return;
    }
    this.#watches.delete(`${watch.kind} ${path}`);
    if (watch.isLapsed) {
      if (this.#firstAfter(watch) === undefined) this.#violate(`was told of ${path} for nothing`);
      return;
    }
    const change = this.#firstAfter(watch);
    const isThen = change?.zxid === zxid || zxid === UNTOLD;
    if (change === undefined || !isThen || change.type !== type) {
      const truth = change === undefined ? 'nothing' : `${change.type} at ${change.zxid}`;
      this.#violate(`was told ${type} of ${path} at ${zxid}, and there was ${truth}`);
    }
    // A deletion is told once to whoever watches both the node and its children.
    if (watch === data && child !== undefined && !child.isLapsed) {
      this.#watches.delete(`child ${path}`);
    }
  }

  /** A reply as of this zxid has come. */
  #mustHaveTold(watch: Watch, zxid: bigint): void {
    const change = this.#firstAfter(watch);
    if (change === undefined || change.zxid > zxid) return;
    this.#watches.delete(`${watch.kind} ${watch.path}`);
    this.#violate(`saw ${zxid} and was not told that ${watch.path} changed at ${change.zxid}`);
  }

  #setAgain(zxid: bigint): void {
    for (const watch of this.#watches.values()) {
      if (!watch.isLapsed) continue;
      const change = this.#firstAfter(watch);
      const isMissed = change !== undefined && change.zxid <= zxid;
      // Who waits for a node that came and went is not told of it.
      const cameAndWent =
        !this.#changes.isThere(watch.path, watch.since) && this.#isGone(watch, zxid);
      if (isMissed && !cameAndWent) {
        this.#violate(
          `was not told that ${watch.path} changed at ${change.zxid} while it was away`,
        );
      }
      watch.isLapsed = false;
      watch.since = zxid;
    }
  }

  #isGone({ path }: Watch, zxid: bigint): boolean {
    return !this.#changes.isThere(path, zxid);
  }

  #firstAfter({ kind, path, since }: Watch): { zxid: bigint; type: number } | undefined {
    return this.#changes.firstAfter(path, since, kind === 'data' ? OF_NODE : OF_CHILDREN);
  }

  #set(kind: Kind, path: string, zxid: bigint): void {
    const key = `${kind} ${path}`;
    const watch = this.#watches.get(key);
    if (watch === undefined) this.#watches.set(key, { kind, path, since: zxid, isLapsed: false });
  }

  #violate(what: string): void {
    const { id, client } = this.#life;
    this.violations.push(`session ${id.toString(16)} of client ${client} ${what}`);
  }
}
