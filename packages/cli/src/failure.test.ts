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
    const unheard = Object.assign(new Error('the election port is in use'), { exitCode: 14 });
    expect(describeFailure(unheard)).toEqual({
      message: 'the election port is in use\nUnable to bind the election port, exiting abnormally',
      exitCode: 14,
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

  it('shows where in the code a mistake of the code is, and only that', () => {
    const mistake = describeFailure(new TypeError('x is undefined'));
    expect(mistake.message).toContain('failure.test.ts');
    expect(mistake.exitCode).toBe(1);
    expect(describeFailure(new Error('cannot start from the data: the log has a gap'))).toEqual({
      message:
        'cannot start from the data: the log has a gap\nUnexpected exception, exiting abnormally',
      exitCode: 1,
    });
    expect(describeFailure('text')).toEqual({
      message: 'Unexpected exception, exiting abnormally\n  text',
      exitCode: 1,
    });
  });
});
