/** The golden story of watches: who hears of what, in which frame, before which reply. */
import { it } from 'vitest';
import type { RawClient } from '../support/raw-client.ts';
import {
  createBody,
  Flags,
  Op,
  pathAndInt,
  pathAndWatch,
  setDataBody,
} from '../support/raw-requests.ts';
import type { Sessions } from './cases-tree.ts';
import { goldenCase, requestBytes } from './golden.ts';
import type { Story } from './story.ts';

const RELATIVE_ZXID_OFFSET = 8;

export function watchCases(story: () => Story, { main, open }: Sessions): void {
  let watcher: RawClient;
  let writer: RawClient;

  /** Plays an event after the watcher has set its watch by the given read. */
  const event = (name: string, read: number, path: string): void => {
    it(name, async () => {
      await watcher.call(read, pathAndWatch(path, true));
      await story().playEvent(name, writer, watcher);
    });
  };

  it('given a watcher and a writer', async () => {
    watcher = await open();
    writer = await open();
  });
  event('watch.NodeCreated', Op.exists, '/wn');
  event('watch.NodeDataChanged', Op.getData, '/wn');
  event('watch.NodeChildrenChanged', Op.getChildren, '/wn');
  it('watch.NodeDeleted', async () => {
    await writer.must(Op.delete, pathAndInt('/wn/k', -1));
    await watcher.must(Op.getData, pathAndWatch('/wn', true));
    await story().playEvent('watch.NodeDeleted', writer, watcher);
  });
  it('watch.NodeDeleted.session_close', async () => {
    const owner = await open();
    await owner.must(Op.create, createBody('/wse', { flags: Flags.ephemeral }));
    await watcher.must(Op.exists, pathAndWatch('/wse', true));
    await story().playEvent('watch.NodeDeleted.session_close', owner, watcher);
  });
  it('watch.own_write', async () => {
    await main().must(Op.create, createBody('/own'));
    await main().must(Op.getData, pathAndWatch('/own', true));
    await story().play('watch.own_write', main());
  });

  it('addWatch.persistent', () => story().play('addWatch.persistent', watcher));
  for (const name of ['watch.persistent.created', 'watch.persistent.child']) {
    it(name, () => story().playEvent(name, writer, watcher));
  }
  for (const name of ['removeWatches.any', 'removeWatches.err.nowatcher', 'addWatch.recursive']) {
    it(name, () => story().play(name, watcher));
  }
  it('watch.recursive.created', () =>
    story().playEvent('watch.recursive.created', writer, watcher));
  it('addWatch.err.mode', () => story().play('addWatch.err.mode', watcher));
  it('checkWatches.data', async () => {
    await watcher.must(Op.getData, pathAndWatch('/own', true));
    await story().play('checkWatches.data', watcher);
  });
  it('checkWatches.err', () => story().play('checkWatches.err', watcher));
  setWatchesCases(story, { main, open }, () => writer);
}

function setWatchesCases(story: () => Story, { open }: Sessions, writer: () => RawClient): void {
  let returning: RawClient;

  /** The recorded request with the live id in place of the recorded relativeZxid. */
  const playRelative = async (name: string): Promise<void> => {
    const recorded = requestBytes(goldenCase(name)).readBigInt64BE(RELATIVE_ZXID_OFFSET);
    const live = Buffer.alloc(8);
    live.writeBigInt64BE(story().agreement.liveZxid(recorded));
    await story().play(name, returning, new Map([[RELATIVE_ZXID_OFFSET, live]]));
  };

  it('setWatches.replay', async () => {
    returning = await open();
    await writer().must(Op.setData, setDataBody('/own', '2'));
    await writer().must(Op.create, createBody('/own/k'));
    await playRelative('setWatches.replay');
  });
  it('setWatches.quiet', () => playRelative('setWatches.quiet'));
  it('setWatches2', () => story().play('setWatches2', returning));
}
