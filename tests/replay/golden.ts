/**
 * The golden cases: request and answer bytes recorded from Apache ZooKeeper 3.8.0, with the places
 * that differ from run to run. The cases form stories: many presuppose nodes and sessions made by
 * earlier ones or by set-up that is not recorded.
 */
import { readFileSync } from 'node:fs';

export interface VaryingField {
  readonly in: 'request' | 'response';
  readonly offset: number;
  readonly length: number;
  readonly field: string;
}

/** A frame that comes before the answer proper: an event the request causes. */
interface ExtraFrame {
  readonly hex: string;
}

export interface GoldenCase {
  readonly name: string;
  readonly server: string;
  readonly notes: string;
  readonly request_hex: string;
  /** null: the server closes without an answer. */
  readonly response_hex: string | null;
  readonly varies: readonly VaryingField[];
  readonly other_frames?: readonly ExtraFrame[];
}

const file = new URL('../golden/client-protocol.json', import.meta.url);

export const goldenCases: readonly GoldenCase[] = JSON.parse(readFileSync(file, 'utf8'));

const byName = new Map(goldenCases.map((golden) => [golden.name, golden]));

export function goldenCase(name: string): GoldenCase {
  const golden = byName.get(name);
  if (!golden) throw new Error(`no golden case is called ${name}`);
  return golden;
}

/** Cases that need a login service or a server that has lost its quorum belong to other suites. */
export function isReplayable(golden: GoldenCase): boolean {
  return !golden.server.includes('JAAS section') && !golden.server.startsWith('read-only');
}

export function requestBytes(golden: GoldenCase): Buffer {
  return Buffer.from(golden.request_hex, 'hex');
}

/** An answer's bytes and the places in them that differ from run to run. */
export interface Answer {
  readonly bytes: Buffer;
  readonly varies: readonly VaryingField[];
}

export function answerOf(golden: GoldenCase): Answer {
  if (golden.response_hex === null) throw new Error(`${golden.name} has no answer`);
  const varies = golden.varies.filter((field) => field.in === 'response');
  return { bytes: Buffer.from(golden.response_hex, 'hex'), varies };
}

export function saysServerCloses(golden: GoldenCase): boolean {
  return /closes? the TCP connection|closed the connection/i.test(golden.notes);
}
