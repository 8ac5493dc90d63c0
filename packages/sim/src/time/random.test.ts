import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Random } from './random.ts';

const drawn = (random: Random, count = 20): number[] =>
  Array.from({ length: count }, () => random.next32());

it('draws the same from the same seed, and others from any other', () => {
  const seeds = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  const property = fc.property(seeds, seeds, (one, other) => {
    expect(drawn(Random.of(one))).toEqual(drawn(Random.of(one)));
    if (one !== other) expect(drawn(Random.of(one))).not.toEqual(drawn(Random.of(other)));
  });
  fc.assert(property);
});

it('gives a part the same stream however much others have drawn', () => {
  const property = fc.property(fc.nat(), fc.string(), fc.nat({ max: 50 }), (seed, name, count) => {
    const untouched = Random.of(seed).split(name);
    const random = Random.of(seed);
    drawn(random, count);
    random.split('somebody else').next32();
    expect(drawn(random.split(name))).toEqual(drawn(untouched));
    expect(drawn(random.split(`${name}.`))).not.toEqual(drawn(random.split(name)));
  });
  fc.assert(property);
});

it('is spread evenly enough', () => {
  const random = Random.of(1);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i += 1) counts[random.below(10)]! += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  const tails = Array.from({ length: 100_000 }, () => random.tail(7));
  expect(Math.min(...tails)).toBeGreaterThanOrEqual(0);
  expect(Math.abs(tails.reduce((sum, one) => sum + one) / tails.length - 7)).toBeLessThan(0.2);
});
