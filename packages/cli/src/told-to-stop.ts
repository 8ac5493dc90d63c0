/** One Ctrl-C can arrive twice, from the terminal and from the npm above: only a later one is new. */
const sameSignalMs = 500;

/** Resolves at the first signal; a second one does not wait for servers to finish. */
export function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    let toldAtMs: number | undefined;
    const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
      const nowMs = performance.now();
      toldAtMs ??= nowMs;
      if (nowMs - toldAtMs > sameSignalMs) process.exit(signal === 'SIGINT' ? 130 : 143);
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
