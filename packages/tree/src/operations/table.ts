/**
 * Every operation a client may ask for, and every transaction a log may hold, each once. Whoever
 * has an opcode looks here; there is no other list.
 */
import { Opcode } from '@zabra/wire';
import type { Application } from '../application.ts';
import type { Preparation } from '../preparation.ts';
import type { Reading } from '../reading.ts';
import { readAddWatch } from './add-watch.ts';
import { applyCreate, prepareCreate } from './create.ts';
import { applyDelete, prepareDelete, prepareDeleteContainer } from './delete.ts';
import { applyError } from './error.ts';
import { readExists } from './exists.ts';
import { readGetAcl } from './get-acl.ts';
import { readGetAllChildrenNumber } from './get-all-children-number.ts';
import { readGetChildren } from './get-children.ts';
import { readGetData } from './get-data.ts';
import { readGetEphemerals } from './get-ephemerals.ts';
import { applyMulti, prepareMulti } from './multi.ts';
import { readMultiRead } from './multi-read.ts';
import { applyReconfig, prepareReconfig } from './reconfig.ts';
import { readRemoveWatches } from './remove-watches.ts';
import {
  applyCloseSession,
  applyCreateSession,
  prepareCloseSession,
  prepareCreateSession,
} from './session.ts';
import { applySetAcl, prepareSetAcl } from './set-acl.ts';
import { applySetData, prepareSetData } from './set-data.ts';
import { readSetWatches } from './set-watches.ts';
import { readPing, readSync } from './sync.ts';
import { readWhoAmI } from './who-am-i.ts';

/** Checks a write and makes its transaction; returns an error code. */
export type Prepare = (p: Preparation, opcode: number) => number;
/** Answers a read; returns an error code. */
export type Read = (r: Reading, opcode: number) => number;
/** Carries out a transaction. */
export type Apply = (a: Application, type: number) => void;

/** Writes that clients may send. */
export const writes: ReadonlyMap<number, Prepare> = new Map<number, Prepare>([
  [Opcode.Create, prepareCreate],
  [Opcode.Create2, prepareCreate],
  [Opcode.CreateContainer, prepareCreate],
  [Opcode.CreateTtl, prepareCreate],
  [Opcode.Delete, prepareDelete],
  [Opcode.SetData, prepareSetData],
  [Opcode.SetAcl, prepareSetAcl],
  [Opcode.Multi, prepareMulti],
  [Opcode.Reconfig, prepareReconfig],
  [Opcode.CloseSession, prepareCloseSession],
]);

/** Writes that only the server itself makes. */
export const internalWrites: ReadonlyMap<number, Prepare> = new Map<number, Prepare>([
  [Opcode.CreateSession, prepareCreateSession],
  [Opcode.CloseSession, prepareCloseSession],
  [Opcode.DeleteContainer, prepareDeleteContainer],
]);

export const reads: ReadonlyMap<number, Read> = new Map<number, Read>([
  [Opcode.Exists, readExists],
  [Opcode.GetData, readGetData],
  [Opcode.GetAcl, readGetAcl],
  [Opcode.GetChildren, readGetChildren],
  [Opcode.GetChildren2, readGetChildren],
  [Opcode.Sync, readSync],
  [Opcode.Ping, readPing],
  [Opcode.CheckWatches, readRemoveWatches],
  [Opcode.RemoveWatches, readRemoveWatches],
  [Opcode.MultiRead, readMultiRead],
  [Opcode.SetWatches, readSetWatches],
  [Opcode.SetWatches2, readSetWatches],
  [Opcode.GetEphemerals, readGetEphemerals],
  [Opcode.GetAllChildrenNumber, readGetAllChildrenNumber],
  [Opcode.AddWatch, readAddWatch],
  [Opcode.WhoAmI, readWhoAmI],
]);

/** Reads that tell events ahead of their reply, so their header is written last. */
export const eventfulReads: ReadonlySet<number> = new Set<number>([
  Opcode.SetWatches,
  Opcode.SetWatches2,
]);

/** Writes that may make nodes which end with their session. */
export const mayMakeEphemerals: ReadonlySet<number> = new Set<number>([
  Opcode.Create,
  Opcode.Create2,
  Opcode.Multi,
]);

export const applies: ReadonlyMap<number, Apply> = new Map<number, Apply>([
  [Opcode.Create, applyCreate],
  [Opcode.Create2, applyCreate],
  [Opcode.CreateContainer, applyCreate],
  [Opcode.CreateTtl, applyCreate],
  [Opcode.Delete, applyDelete],
  [Opcode.DeleteContainer, applyDelete],
  [Opcode.SetData, applySetData],
  [Opcode.Reconfig, applyReconfig],
  [Opcode.SetAcl, applySetAcl],
  [Opcode.Multi, applyMulti],
  [Opcode.Error, applyError],
  [Opcode.CreateSession, applyCreateSession],
  [Opcode.CloseSession, applyCloseSession],
]);
