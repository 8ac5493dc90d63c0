import { ConfigError } from '@zabra/server';
import { describe, expect, it } from 'vitest';
import { describeFailure, storageExitCode } from './failure.ts';

describe('describeFailure', () => {
  it('lets an error say its own exit code', () => {
    const error = new ConfigError({ problem: 'dataDir is not set', advice: 'Add it.' });
    expect(describeFailure(error)).toEqual({
      message: 'dataDir is not set\n  Add it.\nInvalid config, exiting abnormally',
      exitCode: 2,
    });
    const locked = Object.assign(new Error('/zk is not writable'), { exitCode: 3 });
    expect(describeFailure(locked)).toEqual({
      message: '/zk is not writable\nUnable to access datadir, exiting abnormally',
      exitCode: 3,
    });
  });

  it('takes the end of a serving server for a failure of its storage', () => {
    expect(describeFailure(new Error('fsync failed'), storageExitCode)).toEqual({
      message: 'fsync failed\nThe storage cannot be trusted, exiting abnormally',
      exitCode: 10,
    });
  });

  it('shows where an unexpected error comes from', () => {
    const { message, exitCode } = describeFailure(new Error('no such thing'));
    expect(message).toContain('failure.test.ts');
    expect(exitCode).toBe(1);
    expect(describeFailure('text')).toEqual({
      message: 'Unexpected exception, exiting abnormally\n  text',
      exitCode: 1,
    });
  });

  it.each([
    [{ code: 'EADDRINUSE', port: 2181 }, 'Port 2181 is in use already'],
    [{ code: 'EACCES', port: 80 }, 'Port 80 may not be opened'],
    [{ code: 'EADDRNOTAVAIL', address: '10.9.9.9' }, 'The address 10.9.9.9'],
  ])('knows %j', (properties, words) => {
    const { message, exitCode } = describeFailure(Object.assign(new Error('listen'), properties));
    expect(message).toContain(words);
    expect(exitCode).toBe(1);
  });
});
