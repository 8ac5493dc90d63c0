/** The only place where time is read: a monotonic clock for leases, a wall clock for what is stored. */
export interface Clock {
  monotonicMs(): number;
  wallMs(): number;
}

export const systemClock: Clock = {
  // Far from zero, so that no deadline is mistaken for "none".
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};
