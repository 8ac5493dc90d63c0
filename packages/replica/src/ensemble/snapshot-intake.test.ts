/** Snapshots that Apache ZooKeeper 3.8.0 leaders sent, taken over, and what came behind them applied. */
import { Application, applyTransaction, DigestCheck, WatchTable } from '@zabra/tree';
import { PacketType, PacketView } from '@zabra/wire';
import { describe, expect, test } from 'vitest';
import {
  bytesOfHex,
  SNAPSHOT_STREAM,
  type TrafficMessage,
  trafficStreams,
} from '../../../../tests/support/quorum-traffic.ts';
import type { Database } from '../recovery.ts';
import { scriptSettings } from '../testing/script-settings.ts';
import { SnapshotIntake } from './snapshot-intake.ts';

/** Length and text of the signature behind a snapshot. */
const SIGNATURE_BYTES = 14;
const settings = scriptSettings();
const streams = trafficStreams().filter(({ messages }) =>
  messages.some(({ kind }) => kind === SNAPSHOT_STREAM),
);

function packetOf({ hex }: TrafficMessage): PacketView {
  const bytes = bytesOfHex(hex);
  const packet = new PacketView();
  packet.reset(bytes, new DataView(bytes.buffer), 0, bytes.length);
  return packet;
}

function takeOver(messages: readonly TrafficMessage[], pieceBytes: number): Database {
  const at = messages.findIndex(({ kind }) => kind === SNAPSHOT_STREAM);
  const snapshot = bytesOfHex(messages[at]!.hex);
  const intake = new SnapshotIntake(settings, packetOf(messages[at - 1]!).zxid);
  for (let start = 0; ; start += pieceBytes) {
    expect(start).toBeLessThan(snapshot.length);
    const step = intake.take(snapshot.slice(start, start + pieceBytes));
    if (step === 'more') continue;
    const end = step === 'refused' ? -1 : start + step.byteCount;
    expect(end).toBe(snapshot.length - SIGNATURE_BYTES);
    return intake.finish();
  }
}

describe.each(streams.map((stream) => [stream.name, stream] as const))('%s', (_name, stream) => {
  test.each([7, 1 << 20])('in pieces of %i bytes', (pieceBytes) => {
    const { tree, sessions, quotas, lastZxid } = takeOver(stream.messages, pieceBytes);
    expect(tree.nodeCount).toBeGreaterThan(3);
    expect(lastZxid).toBeGreaterThan(0n);
    const watches = new WatchTable(settings.hashKey, { onEvent: () => {} }, true);
    const application = new Application(tree, sessions, quotas, watches);
    application.tolerant = true;
    for (const message of stream.messages) {
      const packet = packetOf(message);
      if (packet.type !== PacketType.Proposal && packet.type !== PacketType.Inform) continue;
      const { bytes, view, dataStart, dataLength } = packet;
      const end = dataStart + dataLength;
      const check = applyTransaction(application, bytes, view, dataStart, end);
      expect([message.n, check]).not.toEqual([message.n, DigestCheck.Different]);
      expect(application.reader.failed).toBe(false);
    }
  });
});
