/**
 * A run of golden cases against one live server. It remembers which cases were played, keeps the
 * correspondence between recorded and live ids, and knows where the live server may differ.
 */
import { expect } from 'vitest';
import type { RawClient } from '../support/raw-client.ts';
import { RawLink } from '../support/raw-link.ts';
import type { Reply } from '../support/raw-replies.ts';
import { Op } from '../support/raw-requests.ts';
import { levelOf, type ServerProcess } from '../support/server.ts';
import { Agreement } from './agreement.ts';
import { deviationOf, namesZxidInEvents } from './deviations.ts';
import { type Answer, answerOf, goldenCase, requestBytes, saysServerCloses } from './golden.ts';

const ZXID_OFFSET = 4;
const UNORDERED = new Map([[Op.whoAmI as number, sortedIdentities]]);

/** A connection after its handshake, and what the server answered. */
export interface Greeted {
  readonly link: RawLink;
  readonly answer: Buffer;
}

export class Story {
  readonly server: ServerProcess;
  readonly agreement: Agreement = new Agreement();
  readonly played: string[] = [];

  constructor(server: ServerProcess) {
    this.server = server;
  }

  /** Sends the recorded request on a live session and checks the answer. */
  async play(
    name: string,
    client: RawClient,
    replacements: ReadonlyMap<number, Buffer> = new Map(),
  ): Promise<Reply> {
    const golden = this.#begin(name);
    const eventsBefore = client.events.length;
    const reply = await client.post(withReplacements(requestBytes(golden), replacements));
    const events = client.events.slice(eventsBefore);
    this.#checkReply(name, reply.frame);
    expect(events.length, 'events before the answer').toBe(golden.other_frames?.length ?? 0);
    for (const [i, extra] of (golden.other_frames ?? []).entries()) {
      // What setWatches catches up on has no transaction of its own.
      const cause = reply.xid < 0 ? undefined : reply.zxid;
      const frame = events[i]?.frame ?? Buffer.alloc(0);
      this.#checkEvent(Buffer.from(extra.hex, 'hex'), frame, cause);
    }
    if (saysServerCloses(golden)) await client.link.end();
    else expect(client.link.isClosed).toBe(false);
    return reply;
  }

  /** Sends the recorded request on one session; the recorded answer is another session's event. */
  async playEvent(name: string, writer: RawClient, watcher: RawClient): Promise<void> {
    const golden = this.#begin(name);
    const reply = await writer.post(requestBytes(golden));
    expect(reply.error).toBe(0);
    // The watcher's own next reply comes behind every event that was queued before it.
    await watcher.ping();
    const event = watcher.events.shift();
    expect(event, 'an event').toBeDefined();
    expect(watcher.events, 'nothing but that event').toEqual([]);
    if (event) this.#checkEvent(answerOf(golden).bytes, event.frame, reply.zxid);
  }

  /** Sends a recorded handshake, with the given bytes put in place of recorded ones. */
  async playHandshake(name: string, replacements: ReadonlyMap<number, Buffer>): Promise<Greeted> {
    const golden = this.#begin(name);
    const bytes = withReplacements(requestBytes(golden), replacements);
    const link = await RawLink.open(this.server.port);
    link.send(bytes);
    const frame = await link.frame();
    if (golden.response_hex === null) expect(frame).toBeNull();
    else this.agreement.check(answerOf(golden), frame ?? Buffer.alloc(0));
    if (saysServerCloses(golden)) await link.end();
    return { link, answer: frame ?? Buffer.alloc(0) };
  }

  /** Marks a case as played, for tests that send its bytes themselves. */
  begin(name: string): void {
    this.#begin(name);
  }

  #begin(name: string): ReturnType<typeof goldenCase> {
    this.played.push(name);
    return goldenCase(name);
  }

  #checkReply(name: string, live: Buffer): void {
    const golden = goldenCase(name);
    const deviation = deviationOf(name, levelOf(this.server.product));
    const recorded = answerOf(golden);
    const from = recorded.bytes.readBigInt64BE(ZXID_OFFSET);
    if (deviation?.extraZxids) this.agreement.shift(from, deviation.extraZxids);
    const expected = deviation?.rewrite?.(recorded) ?? recorded;
    const inOrder = UNORDERED.get(requestBytes(golden).readInt32BE(4));
    if (inOrder)
      this.agreement.check(inOrder(expected), inOrder({ ...expected, bytes: live }).bytes);
    else this.agreement.check(expected, live);
  }

  #checkEvent(golden: Buffer, live: Buffer, cause: bigint | undefined): void {
    if (cause === undefined || !namesZxidInEvents(levelOf(this.server.product))) {
      this.agreement.check({ bytes: golden, varies: [] }, live);
      return;
    }
    const bytes = Buffer.from(golden);
    bytes.writeBigInt64BE(cause, ZXID_OFFSET);
    this.agreement.check({ bytes, varies: [] }, live);
  }
}

/** Recorded bytes with live ones put in at some offsets. */
function withReplacements(recorded: Buffer, replacements: ReadonlyMap<number, Buffer>): Buffer {
  for (const [offset, live] of replacements) recorded.set(live, offset);
  return recorded;
}

/** whoAmI lists identities in no order; both sides are compared with theirs sorted. */
function sortedIdentities(answer: Answer): Answer {
  const { bytes } = answer;
  const identities: Buffer[] = [];
  let end = 20;
  for (let i = 0; i < bytes.readInt32BE(16); i += 1) {
    const start = end;
    end += 4 + bytes.readInt32BE(end);
    end += 4 + bytes.readInt32BE(end);
    identities.push(bytes.subarray(start, end));
  }
  const sorted = identities.sort(Buffer.compare);
  return {
    ...answer,
    bytes: Buffer.concat([bytes.subarray(0, 20), ...sorted, bytes.subarray(end)]),
  };
}
