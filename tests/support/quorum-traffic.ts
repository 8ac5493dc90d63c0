/**
 * What Apache ZooKeeper 3.8.0 servers sent each other on loopback (tests/golden/quorum-traffic): one
 * file per scenario, messages in the order of time, per connection and direction in that of the
 * stream. Zxids and session ids are hexadecimal and unsigned there.
 */
import { readdirSync, readFileSync } from 'node:fs';

const home = new URL('../golden/quorum-traffic/', import.meta.url);

/** `SNAPSHOT-STREAM` is what stands between SNAP and the next packet, its signature included. */
export const SNAPSHOT_STREAM = 'SNAPSHOT-STREAM';

export interface TrafficMessage {
  readonly n: number;
  readonly conn: string;
  readonly from: number;
  readonly to: number;
  /** `initial` and `notification` on the election port, else the name of a packet. */
  readonly kind: string;
  readonly hex: string;
  readonly decoded: Readonly<Record<string, unknown>>;
}

export interface TrafficScenario {
  readonly scenario: string;
  readonly description: string;
  readonly messages: readonly TrafficMessage[];
}

/** All that one server sent on one connection. */
export interface TrafficStream {
  readonly name: string;
  readonly isElection: boolean;
  readonly messages: readonly TrafficMessage[];
  readonly bytes: Uint8Array;
}

export function trafficScenarios(): readonly TrafficScenario[] {
  const files = readdirSync(home).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => JSON.parse(readFileSync(new URL(file, home), 'utf8')));
}

export function trafficMessages(): readonly TrafficMessage[] {
  return trafficScenarios().flatMap(({ messages }) => messages);
}

export function trafficStreams(): readonly TrafficStream[] {
  return trafficScenarios().flatMap(({ scenario, messages }) => {
    const byStream = new Map<string, TrafficMessage[]>();
    for (const message of messages) {
      const name = `${scenario}: ${message.conn} from ${message.from} to ${message.to}`;
      byStream.set(name, [...(byStream.get(name) ?? []), message]);
    }
    return [...byStream].map(([name, sent]) => ({
      name,
      isElection: sent.some(({ kind }) => kind === 'initial' || kind === 'notification'),
      messages: sent,
      bytes: bytesOfHex(sent.map(({ hex }) => hex).join('')),
    }));
  });
}

export function bytesOfHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

export function hexOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
