/** Several handles as one: held while all of them are. */
import type { Abortable } from '../public.ts';
import type { Held, HeldState } from './held.ts';

/** The worst first. */
const states: readonly HeldState[] = ['released', 'lost', 'suspect', 'held'];

export class JointHold implements Held {
  readonly parts: readonly Held[];
  readonly signal: AbortSignal;
  #released: Promise<void> | null = null;

  constructor(parts: readonly Held[]) {
    this.parts = parts;
    this.signal = AbortSignal.any(parts.map(({ signal }) => signal));
  }

  get path(): string {
    return this.parts[0]!.path;
  }

  /** That of the last node: whoever has all of them later has a later last one. */
  get fencingToken(): bigint {
    let last = 0n;
    for (const { fencingToken } of this.parts) if (fencingToken > last) last = fencingToken;
    return last;
  }

  get state(): HeldState {
    if (this.#released !== null) return 'released';
    return states.find((state) => this.parts.some((part) => part.state === state))!;
  }

  async verify(options?: Abortable): Promise<boolean> {
    const verdicts = await Promise.all(this.parts.map((part) => part.verify(options)));
    return verdicts.every((isHeld) => isHeld);
  }

  release(options?: Abortable): Promise<void> {
    this.#released ??= releaseAll(this.parts, options);
    return this.#released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }
}

/** The last first. All are tried; the first problem is thrown. */
export async function releaseAll(parts: readonly Held[], options?: Abortable): Promise<void> {
  const problems: unknown[] = [];
  const releases = parts.toReversed().map((part) =>
    part.release(options).catch((error: unknown) => {
      problems.push(error);
    }),
  );
  await Promise.all(releases);
  if (problems.length > 0) throw problems[0];
}
