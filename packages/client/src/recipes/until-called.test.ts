import { describe, expect, it } from 'vitest';
import { untilCalled } from './until-called.ts';

const wait = { op: 'take', path: '/q', signal: undefined };

describe('waiting until called', () => {
  it('ends what it began, whether it is called or given up', async () => {
    let ended = 0;
    const stop = () => {
      ended += 1;
    };
    let call = () => {};
    const called = untilCalled(wait, (done) => {
      call = done;
      return stop;
    });
    call();
    await called;
    expect(ended).toBe(1);
    await untilCalled(wait, (done) => {
      done();
      return stop;
    });
    expect(ended).toBe(2);

    const given = new AbortController();
    const aborted = untilCalled({ ...wait, signal: given.signal }, () => stop);
    given.abort(new Error('enough'));
    const error = { code: 'Aborted', op: 'take', path: '/q', cause: { message: 'enough' } };
    await expect(aborted).rejects.toMatchObject(error);
    await expect(untilCalled({ ...wait, signal: given.signal }, () => stop)).rejects.toMatchObject(
      error,
    );
    expect(ended).toBe(4);
  });

  it('can be enough of itself', async () => {
    let ended = false;
    await untilCalled({ ...wait, withinMs: 1 }, () => () => {
      ended = true;
    });
    expect(ended).toBe(true);
  });
});
