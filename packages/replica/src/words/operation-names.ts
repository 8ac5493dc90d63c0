/** The short names of operations in `cons`. */
import { Opcode } from '@zabra/wire';

const names: ReadonlyMap<number, string> = new Map<number, string>([
  [Opcode.Notification, 'NOTI'],
  [Opcode.Create, 'CREA'],
  [Opcode.Create2, 'CREA'],
  [Opcode.CreateContainer, 'CREA'],
  [Opcode.CreateTtl, 'CREA'],
  [Opcode.Delete, 'DELE'],
  [Opcode.Exists, 'EXIS'],
  [Opcode.GetData, 'GETD'],
  [Opcode.SetData, 'SETD'],
  [Opcode.GetAcl, 'GETA'],
  [Opcode.SetAcl, 'SETA'],
  [Opcode.GetChildren, 'GETC'],
  [Opcode.GetChildren2, 'GETC'],
  [Opcode.GetAllChildrenNumber, 'GETACN'],
  [Opcode.GetEphemerals, 'GETE'],
  [Opcode.Sync, 'SYNC'],
  [Opcode.Ping, 'PING'],
  [Opcode.Check, 'CHEC'],
  [Opcode.Multi, 'MULT'],
  [Opcode.MultiRead, 'MLTR'],
  [Opcode.Reconfig, 'RECO'],
  [Opcode.CheckWatches, 'CHKW'],
  [Opcode.RemoveWatches, 'REMW'],
  [Opcode.SetWatches, 'SETW'],
  [Opcode.SetWatches2, 'STW2'],
  [Opcode.AddWatch, 'ADDW'],
  [Opcode.WhoAmI, 'HOMI'],
  [Opcode.CreateSession, 'SESS'],
  [Opcode.CloseSession, 'CLOS'],
]);

export function operationName(opcode: number): string {
  return names.get(opcode) ?? 'NA';
}
