/**
 * A multi that is put together by a function. What its calls return are slots, filled when all of it
 * was done:
 *
 *     const { job } = await zk.transaction((t) => {
 *       t.check('/leader', 3);
 *       return { job: t.create('/jobs/job-', 'x', { sequential: true }) };
 *     });
 */
import type { Abortable } from '../connection/abortable.ts';
import type { Created, NodeOptions } from './create-node.ts';
import type { Data } from './data.ts';
import { multi } from './multi.ts';
import { type Op, op, type VersionOption } from './op.ts';
import type { Stat } from './stat.ts';
import type { View } from './view.ts';

/** Holds nothing until the transaction is done. */
export class Slot<T> {
  #value: { readonly value: T } | null = null;

  get value(): T {
    if (this.#value === null) throw new Error('the transaction has not been done yet');
    return this.#value.value;
  }

  fill(value: T): void {
    this.#value = { value };
  }
}

export interface Transaction {
  create(path: string, data?: Data, options?: NodeOptions): Slot<Created<Stat | undefined>>;
  set(path: string, data: Data, options?: VersionOption): Slot<Stat>;
  delete(path: string, options?: VersionOption): Slot<undefined>;
  check(path: string, version: number): Slot<undefined>;
}

/** What the function returned, with what came of it in place of each slot. */
export type Committed<R> =
  R extends Slot<infer T>
    ? T
    : R extends readonly unknown[]
      ? { -readonly [K in keyof R]: R[K] extends Slot<infer T> ? T : R[K] }
      : R extends object
        ? { [K in keyof R]: R[K] extends Slot<infer T> ? T : R[K] }
        : R;

export async function transaction<R>(
  view: View,
  build: (transaction: Transaction) => R,
  options?: Abortable,
): Promise<Committed<R>> {
  const ops: Op[] = [];
  const slots: Slot<unknown>[] = [];
  const add = <T>(part: Op): Slot<T> => {
    const slot = new Slot<T>();
    ops.push(part);
    slots.push(slot as Slot<unknown>);
    return slot;
  };
  const built = build({
    create: (path, data, own) => add(op.create(path, data, own)),
    set: (path, data, own) => add(op.set(path, data, own)),
    delete: (path, own) => add(op.delete(path, own)),
    check: (path, version) => add(op.check(path, version)),
  });
  const results = await multi(view, ops, options);
  for (const [i, slot] of slots.entries()) slot.fill(results[i]);
  return emptied(built) as Committed<R>;
}

function emptied(built: unknown): unknown {
  if (built instanceof Slot) return built.value;
  if (Array.isArray(built)) return built.map(filled);
  if (typeof built !== 'object' || built === null) return built;
  return Object.fromEntries(Object.entries(built).map(([name, part]) => [name, filled(part)]));
}

function filled(part: unknown): unknown {
  return part instanceof Slot ? part.value : part;
}
