import { type Ensemble, formatEnsemble, parseEnsemble, type ReconfigRequest } from '@zabra/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { changeMembers } from './change-members.ts';
import type { TreeSettings } from './settings.ts';

const settings: TreeSettings = {
  extendedTypes: false,
  enforceQuota: false,
  skipAcl: false,
  digestEnabled: true,
  closeSessionPaths: true,
  digestSchemeEnabled: true,
  reconfigEnabled: true,
  votersMin: 2,
  multiAddressEnabled: false,
  txnBytesMax: 0xfffff,
};

const lineOf = (id: number, role = 'participant'): string =>
  `server.${id}=h${id}:2888:3888:${role};0.0.0.0:2181`;

function ensembleOf(...lines: readonly string[]): Ensemble {
  const outcome = parseEnsemble(lines.join('\n'));
  if (outcome.kind === 'problem') throw new Error(outcome.problem);
  return outcome.ensemble;
}

const three = ensembleOf(lineOf(1), lineOf(2), lineOf(3));

function ask(
  request: Partial<ReconfigRequest>,
  present = three,
  given: Partial<TreeSettings> = {},
): string | null {
  const whole = {
    joiningServers: null,
    leavingServers: null,
    newMembers: null,
    curConfigId: -1n,
    ...request,
  };
  const ensemble = changeMembers(present, whole, { ...settings, ...given });
  return ensemble === null ? null : formatEnsemble(ensemble).replace(/\nversion=.*$/, '');
}

const text = (...lines: readonly string[]): string => lines.join('\n');

test('members join, leave, and take another role or address', () => {
  expect(ask({ joiningServers: lineOf(4) })).toBe(text(lineOf(1), lineOf(2), lineOf(3), lineOf(4)));
  expect(ask({ joiningServers: `4=${lineOf(4).slice(9)}`, leavingServers: '1' })).toBe(
    text(lineOf(2), lineOf(3), lineOf(4)),
  );
  expect(ask({ joiningServers: lineOf(2, 'observer') })).toBe(
    text(lineOf(1), lineOf(2, 'observer'), lineOf(3)),
  );
  const moved = 'server.3=elsewhere:2889:3889:participant;0.0.0.0:2182';
  expect(ask({ joiningServers: moved })).toBe(text(lineOf(1), lineOf(2), moved));
});

test('who leaves and joins at once has joined', () => {
  expect(ask({ joiningServers: lineOf(3), leavingServers: '3' })).toBe(
    text(lineOf(1), lineOf(2), lineOf(3)),
  );
});

test('lists may have blanks and empty places, and name whom nobody knows', () => {
  expect(ask({ joiningServers: ` ${lineOf(4)} ,`, leavingServers: ' 1 ,, 9' })).toBe(
    text(lineOf(2), lineOf(3), lineOf(4)),
  );
  expect(ask({ joiningServers: '', leavingServers: '' })).toBe(
    text(lineOf(1), lineOf(2), lineOf(3)),
  );
});

test('a whole list may be parted by commas or by lines, and may have groups', () => {
  const lines = [lineOf(5), lineOf(1), lineOf(2)];
  const expected = text(lineOf(1), lineOf(2), lineOf(5));
  expect(ask({ newMembers: lines.join(',') })).toBe(expected);
  expect(ask({ newMembers: lines.join('\n') })).toBe(expected);
  const groups = ['group.1=1:2', 'group.2=5', 'weight.1=2', 'weight.2=1', 'weight.5=0'];
  expect(ask({ newMembers: [...lines, ...groups].join(',') })).toBe(text(expected, ...groups));
});

test('nobody joins or leaves where votes are counted by group', () => {
  const grouped = ensembleOf(lineOf(1), lineOf(2), 'group.1=1:2');
  expect(ask({ leavingServers: '1' }, grouped, { votersMin: 1 })).toBeNull();
  expect(ask({ joiningServers: lineOf(3) }, grouped)).toBeNull();
  expect(ask({ newMembers: lineOf(1) }, grouped, { votersMin: 1 })).toBe(lineOf(1));
});

test('enough voters have to be left', () => {
  expect(ask({ leavingServers: '1' })).not.toBeNull();
  expect(ask({ leavingServers: '1,2' })).toBeNull();
  expect(ask({ leavingServers: '1,2' }, three, { votersMin: 1 })).toBe(lineOf(3));
  expect(ask({ leavingServers: '1,2,3' }, three, { votersMin: 1 })).toBeNull();
});

test('what is no list of servers is refused', () => {
  for (const joiningServers of [
    'bogus',
    'server.4',
    'server.x=h4:2888:3888;2181',
    `${lineOf(4)}=`,
  ]) {
    expect(ask({ joiningServers }), joiningServers).toBeNull();
  }
  // A joiner has to say where its clients are served; a whole list need not.
  expect(ask({ joiningServers: 'server.4=h4:2888:3888' })).toBeNull();
  expect(ask({ newMembers: 'server.4=h4:2888:3888,server.5=h5:2888:3888' })).not.toBeNull();
  for (const leavingServers of ['x', '-1', '1;2', '99999999999999999999']) {
    expect(ask({ leavingServers }), leavingServers).toBeNull();
  }
  expect(ask({ newMembers: `${lineOf(1)},${lineOf(2)},port=3` })).toBeNull();
});

test('no two members have one address, but each may serve at every address of its machine', () => {
  expect(ask({ joiningServers: 'server.4=h3:2888:3999;2181' })).toBeNull();
  expect(ask({ joiningServers: 'server.4=h3:3888:3999;2181' })).toBeNull();
  expect(ask({ joiningServers: 'server.4=h4:2888:3888;h3:2888' })).toBeNull();
  expect(ask({ joiningServers: 'server.4=h3:2777:3777;2181' })).not.toBeNull();
  expect(ask({ newMembers: `${lineOf(1)},server.2=h1:2888:3777` })).toBeNull();
});

test('several addresses need multi-address', () => {
  const joiningServers = 'server.4=h4:2888:3888|g4:2888:3888;2181';
  expect(ask({ joiningServers })).toBeNull();
  expect(ask({ joiningServers }, three, { multiAddressEnabled: true })).not.toBeNull();
});

test('any members that joined can leave again, which changes nothing', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 4, max: 200 }), { maxLength: 6 }), (ids) => {
      const joined = changeMembers(
        three,
        {
          joiningServers: ids.map((id) => lineOf(id)).join(','),
          leavingServers: null,
          newMembers: null,
          curConfigId: -1n,
        },
        settings,
      );
      expect(joined?.members).toHaveLength(3 + ids.length);
      expect(ask({ leavingServers: ids.join(',') }, joined!)).toBe(
        text(lineOf(1), lineOf(2), lineOf(3)),
      );
    }),
  );
});
