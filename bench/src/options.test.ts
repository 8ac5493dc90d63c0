import { expect, it } from 'vitest';
import { readOptions } from './options.ts';

it('measures everything when nothing is said', () => {
  expect(readOptions([])).toMatchObject({ rounds: 3, seconds: 2, peer: 'apache38', pin: false });
  expect(readOptions([])?.only).toContain('million');
});

it('keeps the order of the workloads, whatever order they are named in', () => {
  expect(readOptions(['--only', 'setData,getData'])?.only).toEqual(['getData', 'setData']);
});

it('knows what is measured of an ensemble, and what of a server', () => {
  expect(readOptions(['ensemble'])).toMatchObject({ subject: 'ensemble', outageRounds: 5 });
  expect(readOptions(['ensemble', '--only', 'outage'])?.only).toEqual(['outage']);
  expect(() => readOptions(['--only', 'outage'])).toThrow('--only is one of getData');
  expect(() => readOptions(['ensembles'])).toThrow('what is measured is one of server, ensemble');
});

it('lets --quick be overruled', () => {
  expect(readOptions(['--quick', '--rounds', '2'])).toMatchObject({ rounds: 2, seconds: 1 });
});

it('names what it knows when it is told something else', () => {
  expect(() => readOptions(['--only', 'getdata'])).toThrow('--only is one of getData');
  expect(() => readOptions(['--rounds', '0'])).toThrow('above 0');
});

it('gives the usage on request', () => {
  expect(readOptions(['-h'])).toBeUndefined();
});
