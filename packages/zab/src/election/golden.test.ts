/**
 * Apache's servers, recorded: given what the others sent, ours says what each of them said, byte for
 * byte, on every connection. What timing alone decided is chosen in the table below: when a server
 * began to look, and when it noticed that another had died. Each life begins with a process's start
 * and goes through as many recordings as it lasted.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type LifeChapter,
  type LifeEvent,
  RecordedLife,
  type RecordedMessage,
} from '../testing/recorded-life.ts';

interface Life {
  readonly what: string;
  readonly id: number;
  readonly chapters: readonly LifeChapter[];
}

const home = new URL('../../../../tests/golden/quorum-traffic/', import.meta.url);

function messagesOf(scenario: string): readonly RecordedMessage[] {
  const text = readFileSync(new URL(`${scenario}.json`, home), 'utf8');
  return (JSON.parse(text) as { readonly messages: readonly RecordedMessage[] }).messages;
}

const start = (atMs: number, zxid: bigint, epoch: bigint): LifeEvent => ({ atMs, zxid, epoch });
const lost = (id: number): LifeEvent => ({ atMs: 0, lost: id });
const chapter = (scenario: string, ...events: readonly LifeEvent[]): LifeChapter => ({
  scenario,
  events,
});

const lives: readonly Life[] = [
  {
    what: 'is elected first of three',
    id: 3,
    chapters: [
      chapter('election-fresh-3', start(595, 0n, 0n)),
      chapter('sync-fresh-3'),
      chapter('observer-joins-snap'),
      chapter('follower-joins-diff', lost(1)),
      chapter('follower-joins-empty-diff', lost(1)),
      chapter('follower-joins-snap', lost(1)),
    ],
  },
  {
    what: 'follows, sees others come and go, and leads when its leader is killed',
    id: 2,
    chapters: [
      chapter('election-fresh-3', start(500, 0n, 0n)),
      chapter('sync-fresh-3'),
      chapter('observer-joins-snap'),
      chapter('follower-joins-diff', lost(1)),
      chapter('follower-joins-empty-diff', lost(1)),
      chapter('follower-joins-snap', lost(1)),
      chapter('leader-killed-reelection', lost(3), start(30, 0x100000017n, 1n)),
      chapter('old-leader-rejoins'),
    ],
  },
  {
    what: 'follows the first leader',
    id: 1,
    chapters: [
      chapter('election-fresh-3', start(500, 0n, 0n)),
      chapter('sync-fresh-3'),
      chapter('observer-joins-snap'),
    ],
  },
  {
    what: 'comes back with less than the others have',
    id: 1,
    chapters: [chapter('follower-joins-diff', start(1300, 0x100000012n, 1n))],
  },
  {
    what: 'comes back and has missed nothing',
    id: 1,
    chapters: [chapter('follower-joins-empty-diff', start(600, 0x100000017n, 1n))],
  },
  {
    what: 'comes back with nothing, and goes through a change of leaders',
    id: 1,
    chapters: [
      chapter('follower-joins-snap', start(300, 0n, 0n)),
      chapter('leader-killed-reelection', lost(3), start(30, 0x100000017n, 1n)),
      chapter('old-leader-rejoins'),
    ],
  },
  {
    what: 'observes, and finds the next leader',
    id: 4,
    chapters: [
      chapter('observer-joins-snap', start(300, 0n, 0n)),
      chapter(
        'leader-killed-reelection',
        lost(1),
        lost(3),
        start(57, 0x100000017n, 1n),
        start(731, 0x100000017n, 1n),
      ),
    ],
  },
  {
    what: 'was leader, and comes back as a follower',
    id: 3,
    chapters: [chapter('old-leader-rejoins', start(300, 0x100000017n, 1n))],
  },
  {
    what: 'is elected by two, and answers the third',
    id: 3,
    chapters: [
      chapter('election-after-crash', start(480, 0x200000002n, 2n)),
      chapter('follower-joins-trunc'),
    ],
  },
  {
    what: 'elects another, and answers the third',
    id: 1,
    chapters: [
      chapter('election-after-crash', start(480, 0x200000002n, 2n)),
      chapter('follower-joins-trunc'),
    ],
  },
  {
    what: 'comes back with more than the others have',
    id: 2,
    chapters: [chapter('follower-joins-trunc', start(300, 0x200000003n, 2n))],
  },
  ...[1, 2, 3].map((id) => ({
    what: 'sees an election that the largest id misses',
    id,
    chapters: [chapter('election-fresh-3-late-third', start(id === 3 ? 1000 : 750, 0n, 0n))],
  })),
  ...[1, 2, 3].map((id) => ({
    what: 'elects with reconfiguration enabled, and answers a stranger',
    id,
    chapters: [
      chapter('reconfig-fresh-3', start(1100, 0n, 0n)),
      chapter('reconfig-joiner-not-in-config'),
    ],
  })),
  {
    what: 'learns of a configuration without itself, and starts over as a stranger',
    id: 4,
    chapters: [
      chapter('reconfig-joiner-not-in-config', start(800, 0n, 0n), {
        atMs: 1025,
        learns: { zxid: 0n, epoch: 0n },
      }),
    ],
  },
];

describe.each(lives)('a server that $what', ({ id, chapters }) => {
  test(`${id}`, () => {
    const life = new RecordedLife(messagesOf, id, chapters[0]!.scenario);
    for (const next of chapters) {
      life.live(next);
      for (const [conn, { ours, recorded }] of life.conversations) {
        expect(ours, `${conn} in ${next.scenario}`).toBe(recorded);
      }
    }
  });
});
