import { describe, expect, it } from 'vitest';
import { describeAddress, readAddresses } from './addresses.ts';

describe('readAddresses', () => {
  it('takes servers one by one, and connect strings of clients', () => {
    expect(readAddresses(['a:1', 'b', '[::1]:7,10.0.0.1:65535/app/x'])).toEqual([
      { host: 'a', port: 1 },
      { host: 'b', port: 2181 },
      { host: '::1', port: 7 },
      { host: '10.0.0.1', port: 65_535 },
    ]);
  });

  it.each(['', 'a:b', 'a:0', 'a:65536', '::1', '[::1', 'a:1,'])(
    'says what is wrong with %j',
    (word) => {
      expect(() => readAddresses([word])).toThrow('is no address of a server');
    },
  );

  it('writes an address as it was read', () => {
    for (const word of ['a:1', '[::1]:7']) {
      expect(describeAddress(readAddresses([word])[0]!)).toBe(word);
    }
  });
});
