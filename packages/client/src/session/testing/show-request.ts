/** What a session has written, in words. */
import { decodeUtf8, formatZxid, JuteReader, Opcode, operations, type Zxid } from '@zabra/wire';

const opcodeNames: ReadonlyMap<number, string> = new Map(
  Object.values(operations).map(({ name }, i) => [Number(Object.keys(operations)[i]), name]),
);

export function operationName(opcode: number): string {
  return opcodeNames.get(opcode) ?? `opcode ${opcode}`;
}

/** The opcode and body of a request. */
export function showRequest(opcode: number, body: Uint8Array): string {
  const name = operationName(opcode);
  const reader = JuteReader.over(body);
  if (opcode === Opcode.SetWatches || opcode === Opcode.SetWatches2) {
    return `${name} since ${showSetWatches(opcode, reader)}`;
  }
  if (opcode === Opcode.Auth) {
    const { scheme, auth } = operations[Opcode.Auth].decodeRequest(reader)!;
    return `${name} ${scheme} ${decodeUtf8(auth!)}`;
  }
  if (opcode === Opcode.Sasl) {
    return `${name} ${decodeUtf8(operations[Opcode.Sasl].decodeRequest(reader)!.token!)}`;
  }
  if (body.length === 0) return name;
  const path = reader.string();
  if (opcode === Opcode.AddWatch) return `${name} ${path}, mode ${reader.int()}`;
  if (opcode === Opcode.RemoveWatches) return `${name} ${path}, type ${reader.int()}`;
  const isRead = opcode === Opcode.GetData || opcode === Opcode.Exists;
  const watches = (isRead || opcode === Opcode.GetChildren) && reader.boolean();
  return `${name} ${path}${watches ? ' watch' : ''}`;
}

function showSetWatches(opcode: number, reader: JuteReader): string {
  const zxid = `0x${formatZxid(reader.long() as Zxid)}`;
  const kinds = ['data', 'exist', 'child', 'persistent', 'recursive'];
  const count = opcode === Opcode.SetWatches2 ? 5 : 3;
  const lists = kinds.slice(0, count).map((kind) => {
    const paths = Array.from({ length: reader.int() }, () => reader.string());
    if (paths.length === 0) return '';
    return paths.length > 4 ? `, ${kind} ${paths.length} paths` : `, ${kind} ${paths.join(' ')}`;
  });
  return zxid + lists.join('');
}
