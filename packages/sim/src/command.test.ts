import { describe, expect, it } from 'vitest';
import { isGreen, parseSimArguments, type SimRequest, summary, tell } from './command.ts';
import { campaign, neverSeen, sum } from './run/campaign.ts';
import { replicaSpecies } from './run/replica-species.ts';
import { masked } from './testing/toys.ts';

const requestOf = (...args: string[]): SimRequest => {
  const request = parseSimArguments(args);
  if (typeof request === 'string') throw new Error(request);
  return request;
};

describe('arguments', () => {
  it.each([
    [['--seeds'], '--seeds needs a whole number'],
    [['--from', '-1'], '--from needs a whole number'],
    [['--seed', '1e99'], '--seed needs a whole number'],
    [['--loud'], '--loud is no option'],
    [['--servers', '0'], '--servers is 1 to 9'],
    [['--jobs', '65'], '--jobs is 1 to 64'],
    [['--with', 'wings'], '--with needs one of changes, local, readers'],
  ])('%j are refused', (args, sentence) => {
    expect(parseSimArguments(args)).toBe(sentence);
  });

  it('say what all worlds are to have', () => {
    expect(requestOf('--with', 'changes').with).toEqual(['changes']);
    expect(requestOf().with).toEqual([]);
  });

  it('say which worlds', () => {
    expect(requestOf('--seeds', '5', '--from', '9', '--coverage')).toMatchObject({
      seed: null,
      worldCount: 5,
      from: 9,
      tellsCoverage: true,
    });
  });
});

/** A machine that is busy with other things may take long. */
const PATIENCE_MS = 120_000;

describe('one seed', { timeout: PATIENCE_MS }, () => {
  it('is told as a story that ends with its hash', () => {
    const lines: string[] = [];
    expect(
      tell(requestOf('--seed', '5', '--servers', '1'), replicaSpecies, (line) => lines.push(line)),
    ).toBe(true);
    expect(lines.at(-1)).toMatch(/^trace hash [0-9a-f]{16}$/);
    expect(lines.some((line) => line.includes('all is mended'))).toBe(true);
  });

  it('is told small where it fails', () => {
    const silent = masked(() => ({ frames: () => [] }));
    const lines: string[] = [];
    const request = requestOf('--seed', '5', '--shrink', '--servers', '1');
    expect(tell(request, silent, (line) => lines.push(line))).toBe(false);
    expect(lines[0]).toMatch(/^Shrunk in \d+ runs to 0 faults, 1 clients of 1 operations/);
    expect(lines.some((line) => line.includes('was not answered in time'))).toBe(true);
  });
});

describe('many seeds', { timeout: 60_000 }, () => {
  it('come to the same in one thread and in several', () => {
    const whole = { from: 1, worldCount: 6, serverCount: 1 };
    const one = campaign(whole, replicaSpecies);
    const shares = [
      [1, 2, 5],
      [0, 3, 4],
    ].map((taken) => campaign(whole, replicaSpecies, undefined, () => taken.shift() ?? 6));
    expect(shares.map(({ worldCount }) => worldCount)).toEqual([3, 3]);
    const { ledger, ...counts } = sum(shares);
    expect({ ...one, ledger: [] }).toEqual({ ...counts, ledger: [] });
    expect(new Map(ledger)).toEqual(new Map(one.ledger));
  });

  it('are summed up with the line that tells a failure again', () => {
    const violations = [{ check: 'watch', what: 'nobody was told' }] as const;
    const totals = {
      worldCount: 2,
      eventCount: 10,
      operationCount: 4,
      simulatedMs: 2000,
      failures: [{ seed: 77, violations }],
      ledger: [['F-N03', 4]] as const,
    };
    const text = summary(totals, requestOf('--coverage', '--servers', '1'), 1.5);
    expect(text.slice(0, 3)).toEqual([
      'seed 77: watch: nobody was told',
      '  npm run sim -- --seed 77 --servers 1',
      '  F-N03  4',
    ]);
    expect(text.at(-1)).toMatch(/^Never there: F-N02, /);
    expect(neverSeen(totals, true)).not.toContain('F-N03');
    expect(neverSeen(totals, true)).not.toContain('F-N07');
    expect(neverSeen(totals, false)).toContain('F-N07');
  });

  it('fail by a world, and many of them by what never came about', () => {
    const nothing = { eventCount: 0, operationCount: 0, simulatedMs: 0, failures: [], ledger: [] };
    const request = requestOf('--servers', '1');
    expect(isGreen({ ...nothing, worldCount: 1999 }, request)).toBe(true);
    expect(isGreen({ ...nothing, worldCount: 2000 }, request)).toBe(false);
    const failures = [{ seed: 1, violations: [] }];
    expect(isGreen({ ...nothing, worldCount: 1, failures }, request)).toBe(false);
  });
});
