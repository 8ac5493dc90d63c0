/** Waits for something that is told by a call, for no longer than there is patience. */
import { aborted } from './within-limits.ts';

/** The longest time that timers know; whoever waits longer is called in between, and looks again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export interface Wait {
  /** What errors name. */
  readonly op: string;
  readonly path: string;
  readonly signal: AbortSignal | undefined;
  /** It is enough to have waited so long. */
  readonly withinMs?: number;
}

/** `begin` is handed what ends the wait, and returns what is to be done when it has ended. */
export function untilCalled(
  { op, path, signal, withinMs }: Wait,
  begin: (done: () => void) => () => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let stop: (() => void) | null = null;
    const settle = (act: () => void): void => {
      if (isOver) return;
      isOver = true;
      if (timer !== null) clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      stop?.();
      act();
    };
    const giveUp = (): void => settle(() => reject(aborted(op, path, signal!)));
    const done = (): void => settle(resolve);
    stop = begin(done);
    if (isOver) stop();
    else if (signal?.aborted === true) giveUp();
    else {
      signal?.addEventListener('abort', giveUp);
      if (withinMs !== undefined) timer = setTimeout(done, Math.min(withinMs, TIMER_MS_MAX));
    }
  });
}

/** Waits for what many wait for, and what is not given up with one of them. */
export async function untilSettled(work: Promise<unknown>, wait: Wait): Promise<void> {
  await untilCalled(wait, (done) => {
    work.then(done, done);
    return () => {};
  });
  await work;
}
