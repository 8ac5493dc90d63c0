/** The requests of scripts: from words to bytes, and from replies to what is said of them. */
import {
  type Acl,
  AddWatchMode,
  CreateFlags,
  decodeUtf8,
  encodeUtf8,
  type JuteReader,
  type JuteWriter,
  Opcode,
  operations,
  parseEnsemble,
  parsePermissions,
} from '@zabra/wire';
import type { Words } from './script-file.ts';

export interface ScriptRequest {
  readonly opcode: number;
  /** What replies to it are called. */
  readonly label: string;
  encode(writer: JuteWriter): void;
  /** What a reply without an error tells, beside its zxid. */
  show(body: JuteReader): string;
}

type Build = (words: Words) => Omit<ScriptRequest, 'label'>;

const FLAG_WORDS: readonly (readonly [word: string, flag: number])[] = [
  ['ephemeral', 1],
  ['sequential', 2],
  ['container', 4],
];

const nothing = (): string => '';

const builders: ReadonlyMap<string, Build> = new Map<string, Build>([
  ['create', create],
  ['createContainer', createContainer],
  ['createTTL', createTtl],
  ['delete', remove],
  ['setData', setData],
  ['multi', multi],
  ['closeSession', (): ReturnType<Build> => bare(Opcode.CloseSession)],
  ['getData', getData],
  ['exists', exists],
  ['getChildren', getChildren],
  ['addWatch', addWatch],
  ['setWatches', setWatches],
  ['sync', sync],
  ['ping', (): ReturnType<Build> => bare(Opcode.Ping)],
  ['auth', auth],
  ['sasl', sasl],
  ['config', config],
  ['reconfig', reconfig],
  ['raw', raw],
]);

/** Undefined where the words are no request. */
export function parseRequest(words: Words): ScriptRequest | undefined {
  const [verb = '', subject = ''] = words.list;
  const request = builders.get(verb)?.(words);
  if (request === undefined) return undefined;
  return { ...request, label: subject === '' ? verb : `${verb} ${subject}` };
}

function bare(opcode: number): ReturnType<Build> {
  return { opcode, encode: () => {}, show: nothing };
}

function create({ list, options }: Words): ReturnType<Build> {
  let flags = 0;
  for (const [word, flag] of FLAG_WORDS) if (list.includes(word)) flags |= flag;
  const request = { path: list[1] ?? '', data: dataOf(options), acl: aclOf(options), flags };
  return {
    opcode: Opcode.Create,
    encode: (writer) => operations[Opcode.Create].encodeRequest(writer, request),
    show: (body) => ` -> ${operations[Opcode.Create].decodeResponse(body)?.path}`,
  };
}

function createContainer({ list, options }: Words): ReturnType<Build> {
  const request = { path: list[1] ?? '', data: null, acl: aclOf(options), flags: 4 };
  return {
    opcode: Opcode.CreateContainer,
    encode: (writer) => operations[Opcode.CreateContainer].encodeRequest(writer, request),
    show: nothing,
  };
}

function createTtl({ list, options }: Words): ReturnType<Build> {
  const ttl = BigInt(options.get('ttl') ?? 1000);
  const request = { path: list[1] ?? '', data: null, acl: aclOf(options), flags: 5, ttl };
  return {
    opcode: Opcode.CreateTtl,
    encode: (writer) => operations[Opcode.CreateTtl].encodeRequest(writer, request),
    show: nothing,
  };
}

function remove({ list }: Words): ReturnType<Build> {
  const request = { path: list[1] ?? '', version: Number(list[2] ?? -1) };
  return {
    opcode: Opcode.Delete,
    encode: (writer) => operations[Opcode.Delete].encodeRequest(writer, request),
    show: nothing,
  };
}

function setData({ list, options }: Words): ReturnType<Build> {
  const request = { path: list[1] ?? '', data: dataOf(options), version: -1 };
  return {
    opcode: Opcode.SetData,
    encode: (writer) => operations[Opcode.SetData].encodeRequest(writer, request),
    show: (body) => ` -> version ${operations[Opcode.SetData].decodeResponse(body)?.stat.version}`,
  };
}

/** `multi create:/a create:/e:ephemeral delete:/b`. */
function multi({ list }: Words): ReturnType<Build> {
  const ops = list.slice(1).map((part) => {
    const [verb = '', path = '', kind] = part.split(':');
    if (verb === 'delete') return { type: Opcode.Delete, body: { path, version: -1 } } as const;
    const flags = kind === 'ephemeral' ? CreateFlags.Ephemeral : CreateFlags.Persistent;
    const body = { path, data: null, acl: OPEN, flags };
    return { type: Opcode.Create, body } as const;
  });
  return {
    opcode: Opcode.Multi,
    encode: (writer) => operations[Opcode.Multi].encodeRequest(writer, { ops }),
    show: (body) => {
      const results = operations[Opcode.Multi].decodeResponse(body)?.results ?? [];
      const said = results.map((result) =>
        result.type === Opcode.Error ? String(result.body.err) : 'ok',
      );
      return ` -> ${said.join(', ')}`;
    },
  };
}

function getData({ list }: Words): ReturnType<Build> {
  const request = { path: list[1] ?? '', watch: list.includes('watch') };
  return {
    opcode: Opcode.GetData,
    encode: (writer) => operations[Opcode.GetData].encodeRequest(writer, request),
    show: (body) => ` -> ${textOf(operations[Opcode.GetData].decodeResponse(body)?.data)}`,
  };
}

function exists({ list }: Words): ReturnType<Build> {
  const request = { path: list[1] ?? '', watch: list.includes('watch') };
  return {
    opcode: Opcode.Exists,
    encode: (writer) => operations[Opcode.Exists].encodeRequest(writer, request),
    show: nothing,
  };
}

function getChildren({ list }: Words): ReturnType<Build> {
  const request = { path: list[1] ?? '', watch: list.includes('watch') };
  return {
    opcode: Opcode.GetChildren,
    encode: (writer) => operations[Opcode.GetChildren].encodeRequest(writer, request),
    show: (body) => {
      const children = operations[Opcode.GetChildren].decodeResponse(body)?.children ?? [];
      return ` -> [${[...children].sort().join(', ')}]`;
    },
  };
}

function addWatch({ list }: Words): ReturnType<Build> {
  const isRecursive = list.includes('recursive');
  const mode = isRecursive ? AddWatchMode.PersistentRecursive : AddWatchMode.Persistent;
  const request = { path: list[1] ?? '', mode };
  return {
    opcode: Opcode.AddWatch,
    encode: (writer) => operations[Opcode.AddWatch].encodeRequest(writer, request),
    show: nothing,
  };
}

function setWatches({ list }: Words): ReturnType<Build> {
  return {
    opcode: Opcode.SetWatches,
    encode: (writer) => {
      writer.long(0n);
      writer.int(1);
      writer.string(list[1] ?? '');
      writer.int(0);
      writer.int(0);
    },
    show: nothing,
  };
}

function sync({ list }: Words): ReturnType<Build> {
  return {
    opcode: Opcode.Sync,
    encode: (writer) => operations[Opcode.Sync].encodeRequest(writer, { path: list[1] ?? '' }),
    show: (body) => ` -> ${operations[Opcode.Sync].decodeResponse(body)?.path}`,
  };
}

function auth({ list }: Words): ReturnType<Build> {
  const proof = list[2];
  const request = {
    type: 0,
    scheme: list[1] ?? '',
    auth: proof === undefined ? null : encodeUtf8(proof),
  };
  return {
    opcode: Opcode.Auth,
    encode: (writer) => operations[Opcode.Auth].encodeRequest(writer, request),
    show: nothing,
  };
}

function sasl({ list }: Words): ReturnType<Build> {
  const token = list[1] === 'null' ? null : parseHex(list[1] ?? '');
  return {
    opcode: Opcode.Sasl,
    encode: (writer) => operations[Opcode.Sasl].encodeRequest(writer, { token }),
    show: (body) => ` -> ${textOf(operations[Opcode.Sasl].decodeResponse(body)?.token)}`,
  };
}

/** The node that tells who the members are. */
function config({ list }: Words): ReturnType<Build> {
  const request = { path: '/zookeeper/config', watch: list.includes('watch') };
  return {
    opcode: Opcode.GetData,
    encode: (writer) => operations[Opcode.GetData].encodeRequest(writer, request),
    show: (body) => ` -> ${membersIn(operations[Opcode.GetData].decodeResponse(body)?.data)}`,
  };
}

/** `joining=4,5:observer leaving=3`, or `members=1,2,4`; what has an `=` in it is sent as it is. */
function reconfig({ options }: Words): ReturnType<Build> {
  const request = {
    joiningServers: serversOf(options.get('joining')),
    leavingServers: options.get('leaving') ?? null,
    newMembers: serversOf(options.get('members')),
    curConfigId: options.has('version') ? BigInt(`0x${options.get('version')}`) : -1n,
  };
  return {
    opcode: Opcode.Reconfig,
    encode: (writer) => operations[Opcode.Reconfig].encodeRequest(writer, request),
    show: (body) => {
      const answer = operations[Opcode.Reconfig].decodeResponse(body);
      return ` -> ${membersIn(answer?.data)}, mzxid ${answer?.stat.mzxid.toString(16)}`;
    },
  };
}

function serversOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (text.includes('=')) return text;
  const servers = text.split(',').map((word) => {
    const [id = '', role = 'participant'] = word.split(':');
    return `server.${id}=s${id}:2888:3888:${role};0.0.0.0:2181`;
  });
  return servers.join(',');
}

function membersIn(data: Uint8Array | null | undefined): string {
  const outcome = parseEnsemble(decodeUtf8(data ?? new Uint8Array(0)));
  if (outcome.kind === 'problem') return outcome.problem;
  const { members, groups, version } = outcome.ensemble;
  const ids = members.map(({ id, role }) => (role === 'observer' ? `${id}:observer` : `${id}`));
  const grouped = groups.map((group) => ` group=${group.members.join(':')}`);
  return `members ${ids.join(' ')}${grouped.join('')} version ${version.toString(16)}`;
}

/** `raw OPCODE HEX`: a body that no codec would write. */
function raw({ list }: Words): ReturnType<Build> {
  const body = parseHex(list.slice(2).join(''));
  return {
    opcode: Number(list[1]),
    encode: (writer) => {
      for (const byte of body) writer.byte(byte);
    },
    show: (reader) => ` -> ${reader.remaining} bytes`,
  };
}

const OPEN: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

/** `acl=digest:bob:hash:cdrwa`. */
function aclOf(options: Words['options']): readonly Acl[] {
  const text = options.get('acl');
  if (text === undefined) return OPEN;
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  const perms = parsePermissions(text.slice(last + 1)) ?? 0;
  return [{ perms, id: { scheme: text.slice(0, first), id: text.slice(first + 1, last) } }];
}

/** `data=text`, or `size=N` for that many bytes. */
function dataOf(options: Words['options']): Uint8Array | null {
  const size = options.get('size');
  if (size !== undefined) return new Uint8Array(Number(size)).fill(0x2e);
  return encodeUtf8(options.get('data') ?? '');
}

function textOf(data: Uint8Array | null | undefined): string {
  if (data === null || data === undefined) return String(data);
  if (data.length > 40) return `${data.length} bytes`;
  return JSON.stringify(String.fromCharCode(...data));
}

export function parseHex(text: string): Uint8Array {
  const digits = text.replaceAll(/[^0-9a-f]/g, '');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) =>
    Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16),
  );
}
