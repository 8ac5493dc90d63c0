import { describe, expect, test } from 'vitest';
import { scriptSettings } from '../testing/script-settings.ts';
import { Strangers } from './strangers.ts';

const settings = { ...scriptSettings(), serverId: 3, localSessions: true };
/** An id that server 1 gave out. */
const HIGH = 0x01000007;

describe('who writes at a leader and is not in its database', () => {
  test('is taken for the local session of a learner', () => {
    const strangers = new Strangers(settings);
    expect(strangers.get(HIGH, 5)).toMatchObject({ high: HIGH, low: 5, isLocal: true });
  });

  test('is nobody where there are no local sessions', () => {
    expect(new Strangers({ ...settings, localSessions: false }).get(HIGH, 5)).toBeNull();
  });

  test('is nobody if it has its id from the leader, who would know', () => {
    const strangers = new Strangers(settings);
    expect(strangers.get(0x03000007, 5)).toBeNull();
    expect(new Strangers({ ...settings, serverId: 259 }).get(0x03000007, 5)).toBeNull();
  });

  test('is nobody if its session has ended, though its write comes late', () => {
    const strangers = new Strangers(settings);
    strangers.onEnded(HIGH, 5);
    expect(strangers.get(HIGH, 5)).toBeNull();
    expect(strangers.get(HIGH, 6)).not.toBeNull();
  });

  test('is remembered as ended for the next 65,535 that end', () => {
    const strangers = new Strangers(settings);
    for (let low = 0; low < 65_536; low += 1) strangers.onEnded(HIGH, low);
    expect(strangers.get(HIGH, 0)).toBeNull();
    strangers.onEnded(HIGH, 65_536);
    expect(strangers.get(HIGH, 0)).not.toBeNull();
    expect(strangers.get(HIGH, 1)).toBeNull();
  });
});
