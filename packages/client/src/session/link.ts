/**
 * One connection to one server, from the attempt to its end: how far it has come, what is cut from
 * its bytes and what waits to be written on it.
 *
 *     opening ──▶ greeting ──▶ [authenticating ──▶] serving
 */
import { FrameReader, JuteWriter } from '@zabra/wire';
import type { Endpoint, LinkOutput } from './contract.ts';
import type { Hello } from './handshake.ts';
import { Pulse } from './pulse.ts';

export type LinkPhase = 'opening' | 'greeting' | 'authenticating' | 'serving';

const OUTPUT_BYTES = 1024;
/** Output up to this is copied, and the buffer it was written to used again. */
const COPIED_BYTES_MAX = 256;

export class Link {
  readonly id: number;
  readonly endpoint: Endpoint;
  readonly startedMs: number;
  readonly pulse: Pulse;
  readonly frames: FrameReader;
  phase: LinkPhase = 'opening';
  /** What the server was greeted with; null before that. */
  hello: Hello | null = null;
  out: JuteWriter = new JuteWriter(OUTPUT_BYTES);

  constructor(id: number, endpoint: Endpoint, nowMs: number, frameBytesMax: number) {
    this.id = id;
    this.endpoint = endpoint;
    this.startedMs = nowMs;
    this.pulse = new Pulse(nowMs);
    this.frames = new FrameReader(frameBytesMax);
  }

  /** The server has greeted: there is a session on this link. */
  get isGreeted(): boolean {
    return this.phase === 'authenticating' || this.phase === 'serving';
  }

  /** What was written since the last call; null if that is nothing. */
  takeOutput(): LinkOutput | null {
    const { id: link, out } = this;
    if (out.position === 0) return null;
    if (out.position <= COPIED_BYTES_MAX) {
      const bytes = out.finish();
      out.position = 0;
      return { link, bytes };
    }
    this.out = new JuteWriter(OUTPUT_BYTES);
    return { link, bytes: out.bytes.subarray(0, out.position) };
  }
}
