/** The whole room against the model, with writes in flight: the present, the future, the answers. */
import {
  CreateFlags,
  ErrorCode,
  encodeUtf8,
  JuteReader,
  type MultiOp,
  Opcode,
  operationOf,
} from '@zabra/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryWrite, openAcl } from '../../../tests/support/arbitrary-writes.ts';
import { Place } from './pending.ts';
import { Field } from './record.ts';
import { checkBooks, dumpModel, dumpTree } from './testing/dump.ts';
import {
  freshModel,
  type ModelContext,
  type ModelResult,
  type ModelState,
  type ModelStep,
  type ModelWrite,
  modelChildren,
  modelStat,
  modelWrite,
  ownedBy,
} from './testing/model.ts';
import { type Client, type RequestOf, World } from './testing/world.ts';

type Step =
  | { readonly kind: 'write'; readonly who: number; readonly write: ModelWrite }
  | { readonly kind: 'apply'; readonly count: number }
  | { readonly kind: 'close'; readonly who: number }
  | { readonly kind: 'late'; readonly write: ModelWrite };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('write'),
      who: fc.nat(2),
      write: arbitraryWrite,
    } as const),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('apply'),
      count: fc.integer({ min: 1, max: 6 }),
    } as const),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close'), who: fc.nat(2) } as const) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('late'), write: arbitraryWrite } as const),
  },
);

const identities = [
  [{ scheme: 'ip', id: '10.0.0.1' }],
  [
    { scheme: 'ip', id: '10.0.0.2' },
    { scheme: 'digest', id: 'bob:hash' },
  ],
  [
    { scheme: 'ip', id: '10.0.0.3' },
    { scheme: 'super', id: '' },
    { scheme: 'digest', id: 'super:hash' },
  ],
] as const;

function sessionOf(client: Client): bigint {
  return (BigInt(client.session.high >>> 0) << 32n) | BigInt(client.session.low >>> 0);
}

/** The room and the model side by side. */
class Pair {
  readonly world: World;
  readonly #extendedTypes: boolean;
  readonly #clients: Client[];
  readonly #gone: Client[] = [];
  readonly #awaited: { readonly write: ModelWrite; readonly step: ModelStep }[] = [];
  #present: ModelState = freshModel();
  #future: ModelState = this.#present;

  constructor(extendedTypes: boolean) {
    this.#extendedTypes = extendedTypes;
    this.world = new World({ extendedTypes });
    this.#clients = identities.map((list, i) => this.world.connect(`${i}`, list));
    for (const path of ['/a', '/b', '/a/a', '/a/b', '/é']) {
      const body = { path, data: null, acl: openAcl, flags: CreateFlags.Persistent };
      this.#propose(this.#clients[0]!, { type: Opcode.Create, body });
    }
  }

  run(step: Step): void {
    if (step.kind === 'apply') {
      for (let i = 0; i < step.count && this.world.outstanding > 0; i += 1) this.apply();
    } else if (step.kind === 'write') {
      this.#propose(this.#clients[step.who]!, step.write);
    } else if (step.kind === 'close') {
      const client = this.#clients[step.who]!;
      this.#propose(client, { type: Opcode.CloseSession, body: {} });
      this.#gone.push(client);
      this.#clients[step.who] = this.world.connect(client.name, client.identities.list);
    } else if (this.#gone.length > 0) {
      this.#propose(this.#gone[0]!, step.write);
    }
  }

  #propose(client: Client, write: ModelWrite): void {
    const { world } = this;
    const context: ModelContext = {
      session: sessionOf(client),
      closing: client.session.closing,
      identities: client.identities.list,
      zxid: world.zxid + 1n,
      time: world.timeMs,
      extendedTypes: this.#extendedTypes,
    };
    const step = modelWrite(this.#future, write, context);
    const request = write.body as RequestOf<typeof write.type>;
    const zxid = world.propose(client, write.type, request);
    expect(zxid === null).toBe(step === null);
    if (step === null) return;
    this.#awaited.push({ write, step });
    this.#future = step.state;
    this.#checkFuture(write);
  }

  /** Every node of the future, and the paths the write named, are where pending says they are. */
  #checkFuture(write: ModelWrite): void {
    const { pending } = this.world;
    const named = write.type === Opcode.Multi ? write.body.ops.map(({ body }) => body.path) : [];
    const own = 'path' in write.body ? [write.body.path] : [];
    const place = new Place();
    for (const path of [...this.#future.keys(), ...named, ...own]) {
      const node = this.#future.get(path);
      const bytes = encodeUtf8(path);
      pending.locate(place, bytes, new DataView(bytes.buffer, bytes.byteOffset), 0, bytes.length);
      // The empty path is the root's other name.
      if (path === '') continue;
      expect(place.exists, path).toBe(node !== undefined);
      if (node === undefined) continue;
      const long = (field: number): bigint => place.view.getBigInt64(place.at + field);
      expect([path, long(Field.Czxid), long(Field.Mzxid), long(Field.Pzxid)]).toEqual([
        path,
        node.czxid,
        node.mzxid,
        node.pzxid,
      ]);
      const found = [Field.Version, Field.Cversion, Field.Aversion, Field.DataLength];
      expect([path, ...found.map((field) => place.field(field))]).toEqual([
        path,
        node.version,
        node.cversion,
        node.aversion,
        node.data?.length ?? 0,
      ]);
      expect(place.field(Field.NumChildren)).toBe(modelChildren(this.#future, path).length);
      expect(BigInt.asUintN(64, long(Field.Owner))).toBe(node.owner);
      const entries = this.world.tree.acls.of(place.field(Field.AclKey)).entries;
      const stored = entries.map((entry) => [entry.permissions, entry.scheme, entry.id]);
      expect(stored).toEqual(node.acl.map(({ perms, id }) => [perms, id.scheme, id.id]));
    }
  }

  apply(): void {
    const { write, step } = this.#awaited.shift()!;
    const outcome = this.world.applyNext();
    this.#present = step.state;
    expect(outcome.error).toBe(step.error);
    const decode = operationOf(write.type)?.decodeResponse;
    if (step.error === ErrorCode.Ok && decode !== undefined) {
      expect(decode(JuteReader.over(outcome.body))).toEqual(answerOf(write, step));
    }
    expect(dumpTree(this.world.tree)).toEqual(dumpModel(this.#present, this.#extendedTypes));
  }

  finish(): void {
    while (this.world.outstanding > 0) this.apply();
    checkBooks(this.world.tree);
    for (const client of this.#clients) this.#checkReads(client);
  }

  #checkReads(client: Client): void {
    const { world } = this;
    const ask = (opcode: number, request: object): unknown => {
      const { error, body } = world.read(
        client,
        opcode as typeof Opcode.GetData,
        request as RequestOf<typeof Opcode.GetData>,
      );
      return error === ErrorCode.Ok
        ? operationOf(opcode)?.decodeResponse?.(JuteReader.over(body))
        : error;
    };
    const state = this.#present;
    const owned = ask(Opcode.GetEphemerals, { prefixPath: '' }) as { ephemerals: string[] };
    expect([...owned.ephemerals].sort()).toEqual(ownedBy(state, sessionOf(client)).sort());
    if (!client.identities.isSuper) return;
    for (const [path, node] of state) {
      const stat = modelStat(state, path, this.#extendedTypes);
      expect(ask(Opcode.Exists, { path, watch: false })).toEqual({ stat });
      expect(ask(Opcode.GetData, { path, watch: false })).toEqual({ data: node.data, stat });
      expect(ask(Opcode.GetAcl, { path })).toEqual({ acl: node.acl, stat });
      const listed = ask(Opcode.GetChildren2, { path, watch: false }) as { children: string[] };
      expect({ ...listed, children: [...listed.children].sort() }).toEqual({
        stat,
        children: modelChildren(state, path).sort(),
      });
    }
  }
}

/** The reply as a client decodes it. */
function answerOf(write: ModelWrite, step: ModelStep): unknown {
  if (write.type !== Opcode.Multi) return bodyOf(step);
  const results = (step.parts ?? []).map((part, i) => {
    const failed = step.parts?.some(({ error }) => error !== ErrorCode.Ok);
    if (failed) return { type: Opcode.Error, body: { err: part.error } };
    return { type: resultType(write.body.ops[i]!, part), body: bodyOf(part) };
  });
  return { results };
}

function resultType(op: MultiOp, part: ModelResult): number {
  if (part.path === undefined) return op.type;
  return part.stat === undefined ? Opcode.Create : Opcode.Create2;
}

function bodyOf({ path, stat }: ModelResult): object {
  return { ...(path === undefined ? {} : { path }), ...(stat === undefined ? {} : { stat }) };
}

test.each([false, true])('random writes, extended types %s', (extendedTypes) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
      const pair = new Pair(extendedTypes);
      for (const one of steps) pair.run(one);
      pair.finish();
    }),
    { numRuns: 60 },
  );
});
