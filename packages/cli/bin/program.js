// The program exists twice: compiled, some two hundred files, and bundled into one, which is at work
// in half the time. The bundle counts unless a room was compiled after it.

import { statSync } from 'node:fs';

const rooms = ['wire', 'tree', 'zab', 'replica', 'server', 'cli'];

export const compiled = new URL('../dist/main.js', import.meta.url);
export const bundled = new URL('../dist/zabra.js', import.meta.url);

/** Where the package is installed there are no rooms beside it, and nothing is newer. */
export function isBundleCurrent() {
  const bundledAt = changedAt(bundled);
  return rooms.every((room) => {
    const compilation = new URL(`../../${room}/dist/.tsbuildinfo`, import.meta.url);
    return changedAt(compilation) <= bundledAt;
  });
}

function changedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
