/**
 * Apache's servers, recorded: given what the others sent, ours says what each of them said on the
 * quorum port, byte for byte, as leader, follower and observer. What timing alone decided, or what
 * only a process's end explains, is chosen in the table below.
 *
 * Two things differ on purpose. A leader's pings are not compared: they go by the clock. And ours
 * acknowledges no record that was committed before it was in step, which nobody counts any more.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import {
  GoldenLife,
  type LifeStart,
  type QuorumMessage,
  zxidOfHex,
} from './testing/golden-life.ts';
import type { OracleVoting } from './testing/oracle-voting.ts';

const playing = vi.hoisted((): { life: { leaderFor: GoldenLife['leaderFor'] } | null } => ({
  life: null,
}));

vi.mock('./election/voting.ts', async () => {
  const { OracleVoting: Oracular } = await import('./testing/oracle-voting.ts');
  type Settings = ConstructorParameters<typeof OracleVoting>[1];
  type Members = ConstructorParameters<typeof OracleVoting>[2];
  return {
    Voting: class extends Oracular {
      constructor(settings: Settings, _links: unknown, committed: Members) {
        super({ leaderFor: () => playing.life!.leaderFor() }, settings, committed);
      }
    },
  };
});

interface Chapter {
  readonly scenario: string;
  /** Connections whose other end is gone when it begins. */
  readonly lost?: readonly string[];
  /** When the process was stopped, and did nothing any more. */
  readonly untilMs?: number;
}

interface Life {
  readonly what: string;
  readonly start: LifeStart;
  readonly chapters: readonly Chapter[];
}

const home = new URL('../../../tests/golden/quorum-traffic/', import.meta.url);

const line = (id: number, role: string, client = ''): string =>
  `server.${id}=127.0.0.1:2202${id}:2203${id}:${role}${client}`;
const fixed = [
  ...[1, 2, 3].map((id) => line(id, 'participant')),
  line(4, 'observer'),
  'version=0',
].join('\n');
const changing = (version: string): string =>
  [...[1, 2, 3].map((id) => line(id, 'participant', `;127.0.0.1:2201${id}`)), version].join('\n');

const scenarios = (...names: readonly string[]): readonly Chapter[] =>
  names.map((scenario) => ({ scenario }));

const FIRST_RUN = [
  'sync-fresh-3',
  'follower-client-writes',
  'session-move-revalidate',
  'observer-joins-snap',
  'observer-client-inform',
] as const;
const JOINS = ['follower-joins-diff', 'follower-joins-empty-diff', 'follower-joins-snap'] as const;
const STOPPED = { scenario: 'uncommitted-proposal', untilMs: 30 };
const CHANGES = [
  'reconfig-fresh-3',
  'reconfig-joiner-not-in-config',
  'reconfig-add-observer',
  'reconfig-promote-observer',
  'reconfig-remove-leader',
] as const;

const lives: readonly Life[] = [
  {
    what: 'leads three servers and an observer',
    start: { id: 3, config: fixed, finds: [3] },
    chapters: [
      ...scenarios(...FIRST_RUN),
      { scenario: 'follower-joins-diff', lost: ['q-2'] },
      { scenario: 'follower-joins-empty-diff', lost: ['q-5'] },
      { scenario: 'follower-joins-snap', lost: ['q-6'] },
    ],
  },
  {
    what: 'follows, and leads when its leader is killed',
    start: { id: 2, config: fixed, finds: [3, 2] },
    chapters: [
      ...scenarios(...FIRST_RUN, ...JOINS),
      { scenario: 'leader-killed-reelection', lost: ['q-3'] },
      { scenario: 'old-leader-rejoins' },
      { scenario: 'uncommitted-proposal', lost: ['q-15'] },
    ],
  },
  {
    what: 'follows, with clients',
    start: { id: 1, config: fixed, finds: [3] },
    chapters: scenarios(...FIRST_RUN),
  },
  {
    what: 'comes back and lacks something',
    start: { id: 1, config: fixed, accepted: 1, current: 1, last: 0x100000012n, finds: [3] },
    chapters: scenarios('follower-joins-diff'),
  },
  {
    what: 'comes back and lacks nothing',
    start: { id: 1, config: fixed, accepted: 1, current: 1, last: 0x100000017n, finds: [3] },
    chapters: scenarios('follower-joins-empty-diff'),
  },
  {
    what: 'comes back with nothing, and follows the next leader too',
    start: { id: 1, config: fixed, finds: [3, 2] },
    chapters: [
      { scenario: 'follower-joins-snap' },
      { scenario: 'leader-killed-reelection', lost: ['q-7'] },
      { scenario: 'old-leader-rejoins' },
      STOPPED,
    ],
  },
  {
    what: 'observes one leader, then another',
    start: { id: 4, config: fixed, finds: [3, 2] },
    chapters: [
      ...scenarios('observer-joins-snap', 'observer-client-inform', ...JOINS),
      { scenario: 'leader-killed-reelection', lost: ['q-4'] },
      { scenario: 'old-leader-rejoins' },
    ],
  },
  {
    what: 'comes back after it has led',
    start: { id: 3, config: fixed, accepted: 1, current: 1, last: 0x100000017n, finds: [2] },
    chapters: [{ scenario: 'old-leader-rejoins' }, STOPPED],
  },
  {
    what: 'leads after a crash of all, and has somebody cut its log',
    start: {
      id: 3,
      config: fixed,
      accepted: 2,
      current: 2,
      last: 0x200000002n,
      logFrom: 0x200000001n,
      finds: [3],
    },
    chapters: scenarios('election-after-crash', 'follower-joins-trunc'),
  },
  {
    what: 'follows after a crash of all',
    start: { id: 1, config: fixed, accepted: 2, current: 2, last: 0x200000002n, finds: [3] },
    chapters: scenarios('election-after-crash', 'follower-joins-trunc'),
  },
  {
    what: 'has logged what nobody else has',
    start: { id: 2, config: fixed, accepted: 2, current: 2, last: 0x200000003n, finds: [3] },
    chapters: scenarios('follower-joins-trunc'),
  },
  {
    what: 'leads two, and a third that comes late',
    start: { id: 2, config: fixed, finds: [2] },
    chapters: scenarios('election-fresh-3-late-third'),
  },
  {
    what: 'leads while members change, and is removed itself',
    start: { id: 3, config: changing('version=0'), reconfigEnabled: true, finds: [3] },
    chapters: scenarios(...CHANGES),
  },
  {
    what: 'follows while members change, and is named leader',
    start: { id: 1, config: changing('version=0'), reconfigEnabled: true, finds: [3] },
    chapters: scenarios(...CHANGES),
  },
  {
    what: 'follows while members change',
    start: { id: 2, config: changing('version=0'), reconfigEnabled: true, finds: [3] },
    chapters: scenarios(...CHANGES),
  },
  {
    what: 'is no member, then observes, then has a vote',
    start: { id: 4, config: changing('version=100000000'), reconfigEnabled: true, finds: [3] },
    chapters: scenarios(...CHANGES.slice(1)),
  },
];

function messagesOf(scenario: string): readonly QuorumMessage[] {
  const text = readFileSync(new URL(`${scenario}.json`, home), 'utf8');
  return (JSON.parse(text) as { readonly messages: readonly QuorumMessage[] }).messages;
}

/** By connection, the records that were committed before their learner was in step. */
function committedEarly({ chapters }: Life): ReadonlyMap<string, ReadonlySet<string>> {
  const early = new Map<string, Set<string>>();
  const inStep = new Set<string>();
  for (const { conn, kind, hex } of chapters.flatMap(({ scenario }) => messagesOf(scenario))) {
    if (kind === 'UPTODATE') inStep.add(conn);
    if (kind !== 'COMMIT' || inStep.has(conn)) continue;
    const known = early.get(conn) ?? new Set();
    early.set(conn, known.add(`${zxidOfHex(hex)}`));
  }
  return early;
}

describe('on the quorum port, as recorded', () => {
  test.each(lives)('server $start.id $what', (life) => {
    const player = new GoldenLife(life.start);
    playing.life = player;
    for (const { scenario, lost, untilMs } of life.chapters) {
      player.play(messagesOf(scenario), lost, untilMs);
    }
    const early = committedEarly(life);
    expect(player.conversations.size).toBeGreaterThan(0);
    for (const [conn, { ours, recorded }] of player.conversations) {
      const isLeader = recorded.has('LEADERINFO');
      for (const [kind, said] of recorded) {
        if (isLeader && kind === 'PING') continue;
        const counted = said.filter(
          (hex) => kind !== 'ACK' || !early.get(conn)?.has(`${zxidOfHex(hex)}`),
        );
        expect(ours.get(kind) ?? [], `${conn} ${kind}`).toEqual(counted);
      }
      const kinds = [...ours.keys()].filter((kind) => kind !== 'PING');
      for (const kind of kinds) expect([...recorded.keys()], `${conn}`).toContain(kind);
    }
  });
});
