import { expect, it } from 'vitest';
import { Interruption, type Strike } from './interruption.ts';

const crash: Strike = { why: 'a crash', isBehind: false, survival: null, stallMs: null };
const stall: Strike = { ...crash, why: 'a stall', stallMs: 50 };

/** Does these things one after the other, struck at the second. */
function struckBy(strike: Strike): { interruption: Interruption; done: string[] } {
  const interruption = new Interruption();
  const done: string[] = [];
  for (const name of ['one', 'two', 'three']) {
    const deed = (): void => {
      done.push(name);
    };
    if (interruption.isHalted && interruption.stops(deed)) continue;
    if (name === 'two') interruption.set(strike);
    if (interruption.stops(deed)) continue;
    deed();
    interruption.halt();
  }
  return { interruption, done };
}

it('comes before what is being done, or behind it', () => {
  expect(struckBy(crash).done).toEqual(['one']);
  expect(struckBy({ ...crash, isBehind: true }).done).toEqual(['one', 'two']);
  expect(struckBy(crash).interruption.doom).toBe(crash);
});

it('holds up what comes, for whoever goes on', () => {
  const { interruption, done } = struckBy(stall);
  expect(done).toEqual(['one']);
  expect(interruption.takeStall()).toBe(stall);
  interruption.goOn();
  expect(done).toEqual(['one', 'two', 'three']);
  expect(interruption.isHalted).toBe(false);
});

it('can come again while what was held up is done', () => {
  const { interruption, done } = struckBy({ ...stall, isBehind: true });
  expect(done).toEqual(['one', 'two']);
  interruption.stops(() => {
    done.push('four');
  });
  interruption.stops(() => {
    interruption.set(crash);
    interruption.stops(() => {});
  });
  interruption.stops(() => {
    done.push('never');
  });
  interruption.goOn();
  expect(done).toEqual(['one', 'two', 'three', 'four']);
});
