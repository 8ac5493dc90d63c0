/** Requests as users of a session make them. */
import { AddWatchMode, JuteWriter, OPEN_ACL, Opcode, operations } from '@zabra/wire';
import type { SessionRequest } from '../contract.ts';

export interface Wanted {
  readonly token: number;
  readonly operation: string;
  readonly path: string;
  /** Null for no watch. */
  readonly watcher?: number | null;
  readonly isRecursive?: boolean;
  readonly dataBytes?: number;
}

export function makeRequest(wanted: Wanted): SessionRequest {
  const { token, operation, path, watcher = null } = wanted;
  const writer = new JuteWriter();
  const opcode = encode(writer, wanted);
  if (opcode === null) throw new Error(`${operation} is no operation of scripts`);
  const request = { token, opcode, body: writer.finish() };
  return watcher === null ? request : { ...request, watch: { watcher, path } };
}

function encode(writer: JuteWriter, wanted: Wanted): number | null {
  const { operation, path, watcher = null, isRecursive = false, dataBytes = 0 } = wanted;
  const watch = watcher !== null;
  const data = new Uint8Array(dataBytes);
  switch (operation) {
    case 'create':
      operations[Opcode.Create].encodeRequest(writer, { path, data, acl: OPEN_ACL, flags: 0 });
      return Opcode.Create;
    case 'delete':
      operations[Opcode.Delete].encodeRequest(writer, { path, version: -1 });
      return Opcode.Delete;
    case 'setData':
      operations[Opcode.SetData].encodeRequest(writer, { path, data, version: -1 });
      return Opcode.SetData;
    case 'exists':
      operations[Opcode.Exists].encodeRequest(writer, { path, watch });
      return Opcode.Exists;
    case 'getData':
      operations[Opcode.GetData].encodeRequest(writer, { path, watch });
      return Opcode.GetData;
    case 'getChildren':
      operations[Opcode.GetChildren].encodeRequest(writer, { path, watch });
      return Opcode.GetChildren;
    case 'sync':
      operations[Opcode.Sync].encodeRequest(writer, { path });
      return Opcode.Sync;
    case 'addWatch': {
      const mode = isRecursive ? AddWatchMode.PersistentRecursive : AddWatchMode.Persistent;
      operations[Opcode.AddWatch].encodeRequest(writer, { path, mode });
      return Opcode.AddWatch;
    }
    default:
      return null;
  }
}
