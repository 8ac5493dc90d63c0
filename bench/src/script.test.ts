import { expect, it } from 'vitest';
import { decodeScript, encodeScript, growScript, mixedScript, readScript } from './script.ts';

const paths = Array.from({ length: 20 }, (_, i) => `/a/${i}`);

it('survives the way to the generator', () => {
  for (const script of [readScript(paths), growScript(['/a', '/b'], 5)]) {
    expect(decodeScript(encodeScript(script))).toEqual(script);
  }
});

it('counts xids from one, by place in the ring', () => {
  const xids = readScript(paths).map(({ request }) => request.readInt32BE(4));
  expect(xids).toEqual(paths.map((_, i) => i + 1));
});

it('mixes one write into every ten requests', () => {
  const types = mixedScript(paths, 10).map(({ request }) => request.readInt32BE(8));
  expect(types.filter((type) => type === 5)).toHaveLength(2);
  expect(types.filter((type) => type === 4)).toHaveLength(18);
});

it('expects the digits a sequential name gets', () => {
  const [entry] = growScript(['/a'], 1);
  expect(entry?.bodyLength).toBe(4 + '/a/n-0000000000'.length);
});
