import { asServerId } from '@zabra/wire';
import { expect, test } from 'vitest';
import { StandpointLines } from './standpoint-lines.ts';

const leader = asServerId(2n);
const following = (epoch: number, isServing: boolean) =>
  ({ role: 'following', leader, epoch, isServing }) as const;

test('each change is told once, and nothing before clients are served', () => {
  const lines = new StandpointLines();
  const told = [
    { role: 'looking' } as const,
    following(1, false),
    following(1, true),
    following(1, true),
    following(2, true),
    { role: 'looking' } as const,
    { role: 'looking' } as const,
    { role: 'leading', epoch: 3, isServing: false } as const,
    { role: 'leading', epoch: 3, isServing: true } as const,
  ].map((standpoint) => lines.next(standpoint));
  expect(told.filter((line) => line !== null)).toEqual([
    { text: 'following', facts: { epoch: 1, leader: '2' } },
    { text: 'following', facts: { epoch: 2, leader: '2' } },
    { text: 'not serving', facts: { epoch: 2 } },
    { text: 'leading', facts: { epoch: 3 } },
  ]);
});
