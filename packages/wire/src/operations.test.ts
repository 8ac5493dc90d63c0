import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arbitraryAcls,
  arbitraryData,
  arbitraryInt,
  arbitraryLong,
  arbitraryNullableAcls,
  arbitraryNullableText,
  arbitrarySessionId,
  arbitraryStat,
  arbitraryText,
  arbitraryTexts,
  arbitraryZxid,
} from '../../../tests/support/arbitrary-records.ts';
import { expectRoundTrip, expectSafeDecoder } from '../../../tests/support/codec-properties.ts';
import { Opcode } from './opcode.ts';
import { operationOf, operations } from './operations.ts';
import {
  decodeReplyHeader,
  decodeRequestHeader,
  encodeReplyHeader,
  encodeRequestHeader,
} from './records/header.ts';
import { decodeWatcherEvent, encodeWatcherEvent } from './records/watcher-event.ts';
import {
  decodeConnectRequest,
  decodeConnectResponse,
  encodeConnectRequest,
  encodeConnectResponse,
} from './requests/connect.ts';

const noBody = fc.constant({});
const pathOnly = fc.record({ path: arbitraryText });
const pathWatch = fc.record({ path: arbitraryText, watch: fc.boolean() });
const pathVersion = fc.record({ path: arbitraryText, version: arbitraryInt });
const pathType = fc.record({ path: arbitraryText, type: arbitraryInt });
const create = {
  path: arbitraryText,
  data: arbitraryData,
  acl: arbitraryNullableAcls,
  flags: arbitraryInt,
};
const setData = fc.record({ path: arbitraryText, data: arbitraryData, version: arbitraryInt });
const oneShotWatches = {
  relativeZxid: arbitraryZxid,
  dataWatches: arbitraryTexts,
  existWatches: arbitraryTexts,
  childWatches: arbitraryTexts,
};

const stat = fc.record({ stat: arbitraryStat });
const pathStat = fc.record({ path: arbitraryText, stat: arbitraryStat });
const dataStat = fc.record({ data: arbitraryData, stat: arbitraryStat });
const children = fc.record({ children: arbitraryTexts });
const error = fc.record({ err: arbitraryInt });
const token = fc.record({ token: arbitraryData });

/** Items of a multi: for each allowed type, values of its record. */
function items(
  ...kinds: readonly (readonly [type: number, body: fc.Arbitrary<unknown>])[]
): fc.Arbitrary<readonly unknown[]> {
  const item = kinds.map(([type, body]) => fc.record({ type: fc.constant(type), body }));
  return fc.array(fc.oneof(...item), { maxLength: 5 });
}

const multiOps = items(
  [Opcode.Create, fc.record(create)],
  [Opcode.Create2, fc.record(create)],
  [Opcode.CreateContainer, fc.record(create)],
  [Opcode.CreateTtl, fc.record({ ...create, ttl: arbitraryLong })],
  [Opcode.Delete, pathVersion],
  [Opcode.SetData, setData],
  [Opcode.Check, pathVersion],
);
const multiResults = items(
  [Opcode.Create, pathOnly],
  [Opcode.Create2, pathStat],
  [Opcode.Delete, noBody],
  [Opcode.SetData, stat],
  [Opcode.Check, noBody],
  [Opcode.Error, error],
);
const multiReadOps = items([Opcode.GetData, pathWatch], [Opcode.GetChildren, pathWatch]);
const multiReadResults = items(
  [Opcode.GetData, dataStat],
  [Opcode.GetChildren, children],
  [Opcode.Error, error],
);

/** For every opcode, values of its request and, where a reply has a body, of its response. */
const bodies: Readonly<
  Record<number, readonly [request: fc.Arbitrary<unknown>, response?: fc.Arbitrary<unknown>]>
> = {
  [Opcode.Create]: [fc.record(create), pathOnly],
  [Opcode.Delete]: [pathVersion],
  [Opcode.Exists]: [pathWatch, stat],
  [Opcode.GetData]: [pathWatch, dataStat],
  [Opcode.SetData]: [setData, stat],
  [Opcode.GetAcl]: [pathOnly, fc.record({ acl: arbitraryAcls, stat: arbitraryStat })],
  [Opcode.SetAcl]: [
    fc.record({ path: arbitraryText, acl: arbitraryNullableAcls, version: arbitraryInt }),
    stat,
  ],
  [Opcode.GetChildren]: [pathWatch, children],
  [Opcode.Sync]: [pathOnly, pathOnly],
  [Opcode.Ping]: [noBody],
  [Opcode.GetChildren2]: [pathWatch, fc.record({ children: arbitraryTexts, stat: arbitraryStat })],
  [Opcode.Check]: [pathVersion],
  [Opcode.Multi]: [fc.record({ ops: multiOps }), fc.record({ results: multiResults })],
  [Opcode.Create2]: [fc.record(create), pathStat],
  [Opcode.Reconfig]: [
    fc.record({
      joiningServers: arbitraryNullableText,
      leavingServers: arbitraryNullableText,
      newMembers: arbitraryNullableText,
      curConfigId: arbitraryLong,
    }),
    dataStat,
  ],
  [Opcode.CheckWatches]: [pathType],
  [Opcode.RemoveWatches]: [pathType],
  [Opcode.CreateContainer]: [fc.record(create), pathStat],
  [Opcode.DeleteContainer]: [pathOnly],
  [Opcode.CreateTtl]: [fc.record({ ...create, ttl: arbitraryLong }), pathStat],
  [Opcode.MultiRead]: [fc.record({ ops: multiReadOps }), fc.record({ results: multiReadResults })],
  [Opcode.Auth]: [fc.record({ type: arbitraryInt, scheme: arbitraryText, auth: arbitraryData })],
  [Opcode.SetWatches]: [fc.record(oneShotWatches)],
  [Opcode.Sasl]: [token, token],
  [Opcode.GetEphemerals]: [
    fc.record({ prefixPath: arbitraryNullableText }),
    fc.record({ ephemerals: arbitraryTexts }),
  ],
  [Opcode.GetAllChildrenNumber]: [pathOnly, fc.record({ totalNumber: arbitraryInt })],
  [Opcode.SetWatches2]: [
    fc.record({
      ...oneShotWatches,
      persistentWatches: arbitraryTexts,
      persistentRecursiveWatches: arbitraryTexts,
    }),
  ],
  [Opcode.AddWatch]: [fc.record({ path: arbitraryText, mode: arbitraryInt }), error],
  [Opcode.WhoAmI]: [
    noBody,
    fc.record({
      clientInfo: fc.array(fc.record({ authScheme: arbitraryText, user: arbitraryText }), {
        maxLength: 3,
      }),
    }),
  ],
  [Opcode.CreateSession]: [fc.record({ timeoutMs: arbitraryInt })],
  [Opcode.CloseSession]: [noBody],
};

test('every opcode but the two that are no requests is in the table', () => {
  const notRequests: readonly number[] = [Opcode.Notification, Opcode.Error];
  const requests = Object.values(Opcode).filter((opcode) => !notRequests.includes(opcode));
  expect(Object.keys(operations).map(Number).sort()).toEqual([...requests].sort());
});

test('an operation is found by its opcode', () => {
  expect(operationOf(Opcode.Create)?.name).toBe('create');
  expect(operationOf(Opcode.CloseSession)?.kind).toBe('session');
  expect(operationOf(999)).toBe(undefined);
  expect(operationOf(Opcode.Notification)).toBe(undefined);
});

const listed = Object.entries(operations).map(
  ([opcode, { name }]) => [name, Number(opcode)] as const,
);

describe.each(listed)('%s', (_name, opcode) => {
  const { encodeRequest, decodeRequest, encodeResponse, decodeResponse } =
    operationOf(opcode) ?? {};
  const [request, response] = bodies[opcode] ?? [];

  test('its request comes back as it went in', () => {
    if (!request || !encodeRequest || !decodeRequest) return expect.fail('no values to try');
    expectRoundTrip(request, encodeRequest, decodeRequest);
    expectSafeDecoder(request, encodeRequest, decodeRequest);
  });

  test('its response comes back as it went in, or there is none', () => {
    expect(response === undefined).toBe(encodeResponse === undefined);
    if (!response || !encodeResponse || !decodeResponse) return;
    expectRoundTrip(response, encodeResponse, decodeResponse);
    expectSafeDecoder(response, encodeResponse, decodeResponse);
  });
});

describe('what has no opcode', () => {
  test('the headers', () => {
    const request = fc.record({ xid: arbitraryInt, type: arbitraryInt });
    const reply = fc.record({ xid: arbitraryInt, zxid: arbitraryZxid, err: arbitraryInt });
    expectRoundTrip(request, encodeRequestHeader, decodeRequestHeader);
    expectRoundTrip(reply, encodeReplyHeader, decodeReplyHeader);
    expectSafeDecoder(reply, encodeReplyHeader, decodeReplyHeader);
  });

  test('the watch event', () => {
    const event = fc.record({ type: arbitraryInt, state: arbitraryInt, path: arbitraryText });
    expectRoundTrip(event, encodeWatcherEvent, decodeWatcherEvent);
    expectSafeDecoder(event, encodeWatcherEvent, decodeWatcherEvent);
  });

  test('the handshake, with the last byte and without', () => {
    const shared = {
      protocolVersion: arbitraryInt,
      timeoutMs: arbitraryInt,
      sessionId: arbitrarySessionId,
      password: arbitraryData,
      readOnly: fc.option(fc.boolean()),
    };
    const request = fc.record({ ...shared, lastZxidSeen: arbitraryZxid });
    const response = fc.record(shared);
    expectRoundTrip(request, encodeConnectRequest, decodeConnectRequest);
    expectRoundTrip(response, encodeConnectResponse, decodeConnectResponse);
    expectSafeDecoder(request, encodeConnectRequest, decodeConnectRequest);
    expectSafeDecoder(response, encodeConnectResponse, decodeConnectResponse);
  });
});
