import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from './nearest.ts';

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['abc', 'abd', 1],
    ['abc', 'acb', 1],
    ['kitten', 'sitting', 3],
    ['ca', 'abc', 3],
  ])('between %j and %j is %i', (source, target, distance) => {
    expect(editDistance(source, target)).toBe(distance);
    expect(editDistance(target, source)).toBe(distance);
  });
});

describe('nearest', () => {
  const words = ['clientPort', 'clientPortAddress', 'tickTime', 'dataDir'];

  it('finds a slip of the hand, whatever the case', () => {
    expect(nearest('clientport', words)).toBe('clientPort');
    expect(nearest('tickTmie', words)).toBe('tickTime');
    expect(nearest('datadirs', words)).toBe('dataDir');
  });

  it('finds nothing where nothing is near', () => {
    expect(nearest('colour', words)).toBeUndefined();
  });
});
