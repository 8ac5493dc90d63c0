/** Frames bent by chance: valid requests of every kind, and the ways to spoil them. */
import type { Chance } from '../support/raw-chance.ts';
import { JuteBuilder } from '../support/raw-jute.ts';
import {
  authBody,
  connectRequest,
  createBody,
  createTtlBody,
  multiBody,
  OPEN_ACL,
  Op,
  pathAndInt,
  pathAndWatch,
  pathOnly,
  request,
  setAclBody,
  setDataBody,
  setWatchesBody,
} from '../support/raw-requests.ts';

const INTERESTING = [0, 1, -1, -2, 2, 4, 16, 127, 255, 256, 65_535, 0x7fff_ffff, -0x8000_0000];
const PATH = '/mutated';

const create = createBody(PATH, { data: 'data' });
const multi = multiBody([
  { type: Op.create, body: createBody(`${PATH}/m`, { flags: 2 }) },
  { type: Op.check, body: pathAndInt(PATH, -1) },
  { type: Op.setData, body: setDataBody(PATH, 'multi') },
  { type: Op.delete, body: pathAndInt(`${PATH}/none`, -1) },
]);
const reads = multiBody([
  { type: Op.getData, body: pathAndWatch(PATH) },
  { type: Op.getChildren, body: pathAndWatch('/') },
]);
const watches = setWatchesBody(0n, { data: [PATH], exist: ['/a', '/b'], child: ['/'] });
const watches2 = new JuteBuilder().raw(watches).strings([PATH]).strings(['/']).bytes();
const reconfig = new JuteBuilder().string('server.9=a:1:2').string('1').string(null).long(-1n);

/** One valid payload of every kind a client may send. */
const corpus: readonly Buffer[] = [
  request(1, Op.create, create),
  request(2, Op.create2, createBody(`${PATH}/s-`, { flags: 3 })),
  request(3, Op.createContainer, createBody(`${PATH}/c`, { flags: 4 })),
  request(4, Op.createTtl, createTtlBody(`${PATH}/t`, 1000n, { flags: 5 })),
  request(5, Op.delete, pathAndInt(`${PATH}/none`, -1)),
  request(6, Op.exists, pathAndWatch(PATH, true)),
  request(7, Op.getData, pathAndWatch(PATH, true)),
  request(8, Op.setData, setDataBody(PATH, 'more data')),
  request(9, Op.getAcl, pathOnly(PATH)),
  request(10, Op.setAcl, setAclBody(PATH, OPEN_ACL)),
  request(11, Op.getChildren, pathAndWatch(PATH, true)),
  request(12, Op.getChildren2, pathAndWatch('/', true)),
  request(13, Op.sync, pathOnly(PATH)),
  request(-2, Op.ping),
  request(14, Op.multi, multi),
  request(15, Op.multiRead, reads),
  request(16, Op.reconfig, reconfig.bytes()),
  request(17, Op.checkWatches, pathAndInt(PATH, 3)),
  request(18, Op.removeWatches, pathAndInt(PATH, 3)),
  request(-4, Op.auth, authBody('digest', 'user:password')),
  request(-8, Op.setWatches, watches),
  request(-8, Op.setWatches2, watches2),
  request(19, Op.sasl, new JuteBuilder().buffer(Buffer.alloc(8)).bytes()),
  request(20, Op.getEphemerals, pathOnly('/')),
  request(21, Op.getAllChildrenNumber, pathOnly('/')),
  request(22, Op.addWatch, pathAndInt(PATH, 1)),
  request(23, Op.whoAmI),
  request(24, Op.closeSession),
  request(25, Op.check, pathAndInt(PATH, -1)),
  request(26, Op.deleteContainer, pathOnly(PATH)),
  request(27, Op.createSession, Buffer.alloc(4)),
  connectRequest(),
];

type Mutator = (payload: Buffer, chance: Chance) => Buffer;

const flipBits: Mutator = (payload, chance) => {
  const bent = Buffer.from(payload);
  for (let i = chance.between(1, 8); i > 0 && bent.length > 0; i -= 1) {
    const at = chance.between(0, bent.length - 1);
    bent[at] = (bent[at] ?? 0) ^ (1 << chance.between(0, 7));
  }
  return bent;
};

const plantInt: Mutator = (payload, chance) => {
  const bent = Buffer.from(payload);
  if (bent.length >= 4) {
    bent.writeInt32BE(chance.pick(INTERESTING), chance.between(0, bent.length - 4));
  }
  return bent;
};

/** The fields behind the header are what a decoder must not trust. */
const plantIntInBody: Mutator = (payload, chance) => {
  const bent = Buffer.from(payload);
  if (bent.length >= 12) {
    bent.writeInt32BE(chance.pick(INTERESTING), chance.between(8, bent.length - 4));
  }
  return bent;
};

const cutShort: Mutator = (payload, chance) =>
  payload.subarray(0, chance.between(0, payload.length));

const append: Mutator = (payload, chance) =>
  Buffer.concat([payload, chance.bytes(chance.between(1, 64))]);

const insert: Mutator = (payload, chance) => {
  const at = chance.between(0, payload.length);
  const bytes = chance.bytes(chance.between(1, 16));
  return Buffer.concat([payload.subarray(0, at), bytes, payload.subarray(at)]);
};

const splice: Mutator = (payload, chance) => {
  const other = chance.pick(corpus);
  const from = chance.between(0, other.length);
  return Buffer.concat([
    payload.subarray(0, chance.between(0, payload.length)),
    other.subarray(from),
  ]);
};

const changeOpcode: Mutator = (payload, chance) => {
  const bent = Buffer.from(payload);
  if (bent.length >= 8) bent.writeInt32BE(chance.between(-12, 110), 4);
  return bent;
};

const mutators = [
  ...[flipBits, plantInt, plantIntInBody, plantIntInBody],
  ...[cutShort, append, insert, splice, changeOpcode],
];

/** A payload from the corpus, bent one to three times. */
export function mutatedPayload(chance: Chance): Buffer {
  let payload = chance.pick(corpus);
  for (let i = chance.between(1, 3); i > 0; i -= 1)
    payload = chance.pick(mutators)(payload, chance);
  return payload;
}

export interface MutatedFrame {
  readonly bytes: Buffer;
  /** The length is a lie, so whatever follows may be swallowed or refused. */
  readonly isMisframed: boolean;
}

/** The same behind its length, which is now and then a lie. */
export function mutatedFrame(chance: Chance): MutatedFrame {
  const payload = mutatedPayload(chance);
  const isMisframed = chance.once(40);
  const lie = chance.once(2) ? chance.pick(INTERESTING) : payload.length + chance.between(-9, 9);
  const length = Buffer.alloc(4);
  length.writeInt32BE(isMisframed ? lie : payload.length);
  return { bytes: Buffer.concat([length, payload]), isMisframed };
}
