/** Draws a writer's next operation by chance and foretells what it will do. */
import type { Chance } from '../support/raw-chance.ts';
import { JuteCursor } from '../support/raw-jute.ts';
import { ErrorCode, type Reply, readMultiResults, readStat } from '../support/raw-replies.ts';
import {
  createBody,
  Flags,
  multiBody,
  Op,
  pathAndInt,
  pathAndWatch,
  setDataBody,
} from '../support/raw-requests.ts';
import {
  type Belief,
  changed,
  LINE,
  lineKey,
  type NodeBelief,
  type Operation,
  withoutEphemerals,
} from './model.ts';

const KEYS = 10;
const LARGE_DATA_BYTES = 20_000;
/** Beliefs are copied with every operation, so a writer keeps few places in line. */
const LINE_PLACES_MAX = 25;

/** What an operation is drawn from. */
export interface Draw {
  readonly chance: Chance;
  readonly root: string;
  readonly tag: string;
  readonly belief: Belief;
  /** Sequential nodes of this writer whose names have been acknowledged, by tag. */
  readonly lineNames: Map<string, string>;
}

type Drawing = Omit<Operation, 'tag' | 'after'> & {
  readonly written?: ReadonlyMap<string, Omit<NodeBelief, 'writtenBy'>>;
  readonly removed?: readonly string[];
};

export function drawOperation(draw: Draw): Operation {
  const { belief, tag } = draw;
  const { written = new Map(), removed = [], ...drawing } = chooseKind(draw)(draw);
  const operation: Operation = { ...drawing, tag, after: belief };
  const nodes = new Map(
    [...written].map(([key, node]) => [key, { ...node, writtenBy: operation }]),
  );
  if (nodes.size > 0 || removed.length > 0) operation.after = changed(belief, nodes, removed);
  if (operation.closesSession) operation.after = withoutEphemerals(belief);
  return operation;
}

function chooseKind({ chance, lineNames }: Draw): (draw: Draw) => Drawing {
  const drawn = chance.between(1, 100);
  if (drawn <= 25) return create;
  if (drawn <= 50) return setData;
  if (drawn <= 58) return remove;
  if (drawn <= 70) return twins;
  if (drawn <= 75) return refusedMulti;
  if (drawn <= 88) return lineNames.size < LINE_PLACES_MAX ? lineUp : leaveLine;
  if (drawn <= 92 && lineNames.size > 0) return leaveLine;
  if (chance.once(150)) return close;
  return read;
}

function freshData({ chance, tag }: Draw): string {
  return chance.once(40) ? tag.padEnd(chance.between(100, LARGE_DATA_BYTES), '.') : tag;
}

function anyKey({ chance }: Draw): string {
  return `k${chance.between(1, KEYS)}`;
}

function create(draw: Draw): Drawing {
  const key = anyKey(draw);
  const data = freshData(draw);
  const isEphemeral = draw.chance.once(3);
  const flags = isEphemeral ? Flags.ephemeral : Flags.persistent;
  const drawing = {
    what: `create ${key}`,
    type: Op.create,
    body: createBody(`${draw.root}/${key}`, { data, flags }),
  };
  if (draw.belief.has(key)) return { ...drawing, expectedError: ErrorCode.nodeExists };
  const written = new Map([[key, { data, version: 0, isEphemeral }]]);
  return { ...drawing, expectedError: ErrorCode.ok, written };
}

function setData(draw: Draw): Drawing {
  const key = anyKey(draw);
  const data = freshData(draw);
  const node = draw.belief.get(key);
  const expectedVersion = draw.chance.once(2) ? (node?.version ?? 0) : -1;
  const drawing = {
    what: `set ${key}`,
    type: Op.setData,
    body: setDataBody(`${draw.root}/${key}`, data, expectedVersion),
  };
  if (!node) return { ...drawing, expectedError: ErrorCode.noNode };
  const version = node.version + 1;
  return {
    ...drawing,
    expectedError: ErrorCode.ok,
    written: new Map([[key, { data, version, isEphemeral: node.isEphemeral }]]),
    verify: (reply) => versionProblem(new JuteCursor(reply.body), version),
  };
}

function versionProblem(cursor: JuteCursor, version: number): string | undefined {
  const answered = readStat(cursor).version;
  return answered === version ? undefined : `answered version ${answered} instead of ${version}`;
}

function remove(draw: Draw): Drawing {
  const key = anyKey(draw);
  const drawing = {
    what: `delete ${key}`,
    type: Op.delete,
    body: pathAndInt(`${draw.root}/${key}`, -1),
  };
  if (!draw.belief.has(key)) return { ...drawing, expectedError: ErrorCode.noNode };
  return { ...drawing, expectedError: ErrorCode.ok, removed: [key] };
}

/** Two nodes that only multis touch, always together: finding them apart is half a multi. */
function twins(draw: Draw): Drawing {
  const data = freshData(draw);
  const left = draw.belief.get('left');
  const version = left ? left.version + 1 : 0;
  const part = (name: string): { type: number; body: Buffer } =>
    left
      ? { type: Op.setData, body: setDataBody(`${draw.root}/${name}`, data, left.version) }
      : { type: Op.create2, body: createBody(`${draw.root}/${name}`, { data }) };
  const twin = { data, version, isEphemeral: false };
  return {
    what: 'multi of twins',
    type: Op.multi,
    body: multiBody([
      { type: Op.check, body: pathAndInt(draw.root, -1) },
      part('left'),
      part('right'),
    ]),
    expectedError: ErrorCode.ok,
    verify: (reply) => resultsProblem(reply, [0, 0, 0]),
    written: new Map([
      ['left', twin],
      ['right', twin],
    ]),
  };
}

/** A multi whose last part cannot be done: nothing of it may ever be seen. */
function refusedMulti(draw: Draw): Drawing {
  return {
    what: 'multi that is refused',
    type: Op.multi,
    body: multiBody([
      { type: Op.create, body: createBody(`${draw.root}/half`, { data: draw.tag }) },
      { type: Op.setData, body: setDataBody(`${draw.root}/half`, draw.tag) },
      { type: Op.delete, body: pathAndInt(`${draw.root}/never-there`, -1) },
    ]),
    expectedError: ErrorCode.ok,
    verify: (reply) => resultsProblem(reply, [0, 0, ErrorCode.noNode]),
  };
}

function resultsProblem(reply: Reply, expected: readonly number[]): string | undefined {
  const errors = readMultiResults(reply.body).map((result) => result.error);
  return String(errors) === String(expected) ? undefined : `answered results ${errors}`;
}

function lineUp(draw: Draw): Drawing {
  const isEphemeral = draw.chance.once(3);
  const flags = Flags.sequential | (isEphemeral ? Flags.ephemeral : 0);
  return {
    what: 'create in line',
    type: Op.create,
    body: createBody(`${LINE}/n-`, { data: draw.tag, flags }),
    expectedError: ErrorCode.ok,
    written: new Map([[lineKey(draw.tag), { data: draw.tag, version: 0, isEphemeral }]]),
  };
}

function leaveLine(draw: Draw): Drawing {
  const tag = draw.chance.pick([...draw.lineNames.keys()]);
  const path = draw.lineNames.get(tag) ?? '';
  // Now and then a name is kept, to be deleted once more in vain.
  if (!draw.chance.once(10)) draw.lineNames.delete(tag);
  const drawing = { what: `delete ${path}`, type: Op.delete, body: pathAndInt(path, -1) };
  if (!draw.belief.has(lineKey(tag))) return { ...drawing, expectedError: ErrorCode.noNode };
  return { ...drawing, expectedError: ErrorCode.ok, removed: [lineKey(tag)] };
}

/** A read behind unfinished writes of its own session must see them. */
function read(draw: Draw): Drawing {
  const key = anyKey(draw);
  const node = draw.belief.get(key);
  const drawing = {
    what: `get ${key}`,
    type: Op.getData,
    body: pathAndWatch(`${draw.root}/${key}`),
  };
  if (!node) return { ...drawing, expectedError: ErrorCode.noNode };
  return {
    ...drawing,
    expectedError: ErrorCode.ok,
    verify: (reply) => {
      const data = new JuteCursor(reply.body).buffer()?.toString() ?? null;
      return data === node.data ? undefined : `read ${data?.slice(0, 24)}`;
    },
  };
}

function close(): Drawing {
  return {
    what: 'close the session',
    type: Op.closeSession,
    body: Buffer.alloc(0),
    expectedError: ErrorCode.ok,
    closesSession: true,
  };
}
