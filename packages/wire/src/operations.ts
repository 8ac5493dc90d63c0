/**
 * Every request of the client protocol by its opcode: what it is called, what it does to a server,
 * and how its bodies are written and read. Whoever handles requests in general looks here; no other
 * place lists the opcodes.
 */
import type { JuteReader } from './jute/reader.ts';
import type { JuteWriter } from './jute/writer.ts';
import { Opcode } from './opcode.ts';
import * as addWatch from './requests/add-watch.ts';
import * as auth from './requests/auth.ts';
import * as check from './requests/check.ts';
import * as checkWatches from './requests/check-watches.ts';
import * as create from './requests/create.ts';
import * as createSession from './requests/create-session.ts';
import * as createTtl from './requests/create-ttl.ts';
import * as create2 from './requests/create2.ts';
import * as remove from './requests/delete.ts';
import * as deleteContainer from './requests/delete-container.ts';
import * as error from './requests/error-response.ts';
import * as exists from './requests/exists.ts';
import * as getAcl from './requests/get-acl.ts';
import * as getAllChildrenNumber from './requests/get-all-children-number.ts';
import * as getChildren from './requests/get-children.ts';
import * as getChildren2 from './requests/get-children2.ts';
import * as getData from './requests/get-data.ts';
import * as getEphemerals from './requests/get-ephemerals.ts';
import * as multi from './requests/multi.ts';
import * as multiRead from './requests/multi-read.ts';
import * as noBody from './requests/no-body.ts';
import * as reconfig from './requests/reconfig.ts';
import * as removeWatches from './requests/remove-watches.ts';
import * as sasl from './requests/sasl.ts';
import * as setAcl from './requests/set-acl.ts';
import * as setData from './requests/set-data.ts';
import * as setWatches from './requests/set-watches.ts';
import * as setWatches2 from './requests/set-watches2.ts';
import * as sync from './requests/sync.ts';
import * as whoAmI from './requests/who-am-i.ts';

/**
 * `read` is answered by the server that has the connection, `write` becomes a transaction, `session`
 * opens or closes one (a transaction too), `connection` concerns this connection's identities.
 */
export type OperationKind = 'read' | 'write' | 'session' | 'connection';

/** An operation whose successful reply is a header alone, if it has a reply at all. */
export interface HeaderOnlyOperation<Request> {
  readonly name: string;
  readonly kind: OperationKind;
  encodeRequest(writer: JuteWriter, request: Request): void;
  decodeRequest(reader: JuteReader): Request | null;
}

export interface AnsweredOperation<Request, Response> extends HeaderOnlyOperation<Request> {
  encodeResponse(writer: JuteWriter, response: Response): void;
  decodeResponse(reader: JuteReader): Response | null;
}

/** An operation of which only the opcode is known. */
export type Operation = HeaderOnlyOperation<unknown> & Partial<AnsweredOperation<unknown, unknown>>;

export interface Operations {
  readonly [Opcode.Create]: AnsweredOperation<create.CreateRequest, create.CreateResponse>;
  readonly [Opcode.Delete]: HeaderOnlyOperation<remove.DeleteRequest>;
  readonly [Opcode.Exists]: AnsweredOperation<exists.ExistsRequest, exists.ExistsResponse>;
  readonly [Opcode.GetData]: AnsweredOperation<getData.GetDataRequest, getData.GetDataResponse>;
  readonly [Opcode.SetData]: AnsweredOperation<setData.SetDataRequest, setData.SetDataResponse>;
  readonly [Opcode.GetAcl]: AnsweredOperation<getAcl.GetAclRequest, getAcl.GetAclResponse>;
  readonly [Opcode.SetAcl]: AnsweredOperation<setAcl.SetAclRequest, setAcl.SetAclResponse>;
  readonly [Opcode.GetChildren]: AnsweredOperation<
    getChildren.GetChildrenRequest,
    getChildren.GetChildrenResponse
  >;
  readonly [Opcode.Sync]: AnsweredOperation<sync.SyncRequest, sync.SyncResponse>;
  readonly [Opcode.Ping]: HeaderOnlyOperation<noBody.NoBody>;
  readonly [Opcode.GetChildren2]: AnsweredOperation<
    getChildren2.GetChildren2Request,
    getChildren2.GetChildren2Response
  >;
  readonly [Opcode.Check]: HeaderOnlyOperation<check.CheckRequest>;
  readonly [Opcode.Multi]: AnsweredOperation<multi.MultiRequest, multi.MultiResponse>;
  readonly [Opcode.Create2]: AnsweredOperation<create.CreateRequest, create2.Create2Response>;
  readonly [Opcode.Reconfig]: AnsweredOperation<
    reconfig.ReconfigRequest,
    reconfig.ReconfigResponse
  >;
  readonly [Opcode.CheckWatches]: HeaderOnlyOperation<checkWatches.CheckWatchesRequest>;
  readonly [Opcode.RemoveWatches]: HeaderOnlyOperation<removeWatches.RemoveWatchesRequest>;
  readonly [Opcode.CreateContainer]: AnsweredOperation<
    create.CreateRequest,
    create2.Create2Response
  >;
  readonly [Opcode.DeleteContainer]: HeaderOnlyOperation<deleteContainer.DeleteContainerRequest>;
  readonly [Opcode.CreateTtl]: AnsweredOperation<
    createTtl.CreateTtlRequest,
    create2.Create2Response
  >;
  readonly [Opcode.MultiRead]: AnsweredOperation<
    multiRead.MultiReadRequest,
    multiRead.MultiReadResponse
  >;
  readonly [Opcode.Auth]: HeaderOnlyOperation<auth.AuthRequest>;
  readonly [Opcode.SetWatches]: HeaderOnlyOperation<setWatches.SetWatchesRequest>;
  readonly [Opcode.Sasl]: AnsweredOperation<sasl.SaslRequest, sasl.SaslResponse>;
  readonly [Opcode.GetEphemerals]: AnsweredOperation<
    getEphemerals.GetEphemeralsRequest,
    getEphemerals.GetEphemeralsResponse
  >;
  readonly [Opcode.GetAllChildrenNumber]: AnsweredOperation<
    getAllChildrenNumber.GetAllChildrenNumberRequest,
    getAllChildrenNumber.GetAllChildrenNumberResponse
  >;
  readonly [Opcode.SetWatches2]: HeaderOnlyOperation<setWatches2.SetWatches2Request>;
  readonly [Opcode.AddWatch]: AnsweredOperation<addWatch.AddWatchRequest, error.ErrorResponse>;
  readonly [Opcode.WhoAmI]: AnsweredOperation<noBody.NoBody, whoAmI.WhoAmIResponse>;
  readonly [Opcode.CreateSession]: HeaderOnlyOperation<createSession.CreateSessionRequest>;
  readonly [Opcode.CloseSession]: HeaderOnlyOperation<noBody.NoBody>;
}

/** `operations[Opcode.Create].name` is `create`; the names are those of ZooKeeper's documents. */
export const operations: Operations = {
  [Opcode.Create]: {
    name: 'create',
    kind: 'write',
    encodeRequest: create.encodeCreateRequest,
    decodeRequest: create.decodeCreateRequest,
    encodeResponse: create.encodeCreateResponse,
    decodeResponse: create.decodeCreateResponse,
  },
  [Opcode.Delete]: {
    name: 'delete',
    kind: 'write',
    encodeRequest: remove.encodeDeleteRequest,
    decodeRequest: remove.decodeDeleteRequest,
  },
  [Opcode.Exists]: {
    name: 'exists',
    kind: 'read',
    encodeRequest: exists.encodeExistsRequest,
    decodeRequest: exists.decodeExistsRequest,
    encodeResponse: exists.encodeExistsResponse,
    decodeResponse: exists.decodeExistsResponse,
  },
  [Opcode.GetData]: {
    name: 'getData',
    kind: 'read',
    encodeRequest: getData.encodeGetDataRequest,
    decodeRequest: getData.decodeGetDataRequest,
    encodeResponse: getData.encodeGetDataResponse,
    decodeResponse: getData.decodeGetDataResponse,
  },
  [Opcode.SetData]: {
    name: 'setData',
    kind: 'write',
    encodeRequest: setData.encodeSetDataRequest,
    decodeRequest: setData.decodeSetDataRequest,
    encodeResponse: setData.encodeSetDataResponse,
    decodeResponse: setData.decodeSetDataResponse,
  },
  [Opcode.GetAcl]: {
    name: 'getACL',
    kind: 'read',
    encodeRequest: getAcl.encodeGetAclRequest,
    decodeRequest: getAcl.decodeGetAclRequest,
    encodeResponse: getAcl.encodeGetAclResponse,
    decodeResponse: getAcl.decodeGetAclResponse,
  },
  [Opcode.SetAcl]: {
    name: 'setACL',
    kind: 'write',
    encodeRequest: setAcl.encodeSetAclRequest,
    decodeRequest: setAcl.decodeSetAclRequest,
    encodeResponse: setAcl.encodeSetAclResponse,
    decodeResponse: setAcl.decodeSetAclResponse,
  },
  [Opcode.GetChildren]: {
    name: 'getChildren',
    kind: 'read',
    encodeRequest: getChildren.encodeGetChildrenRequest,
    decodeRequest: getChildren.decodeGetChildrenRequest,
    encodeResponse: getChildren.encodeGetChildrenResponse,
    decodeResponse: getChildren.decodeGetChildrenResponse,
  },
  [Opcode.Sync]: {
    name: 'sync',
    kind: 'read',
    encodeRequest: sync.encodeSyncRequest,
    decodeRequest: sync.decodeSyncRequest,
    encodeResponse: sync.encodeSyncResponse,
    decodeResponse: sync.decodeSyncResponse,
  },
  [Opcode.Ping]: {
    name: 'ping',
    kind: 'read',
    encodeRequest: noBody.encodeNoBody,
    decodeRequest: noBody.decodeNoBody,
  },
  [Opcode.GetChildren2]: {
    name: 'getChildren2',
    kind: 'read',
    encodeRequest: getChildren2.encodeGetChildren2Request,
    decodeRequest: getChildren2.decodeGetChildren2Request,
    encodeResponse: getChildren2.encodeGetChildren2Response,
    decodeResponse: getChildren2.decodeGetChildren2Response,
  },
  [Opcode.Check]: {
    name: 'check',
    kind: 'write',
    encodeRequest: check.encodeCheckRequest,
    decodeRequest: check.decodeCheckRequest,
  },
  [Opcode.Multi]: {
    name: 'multi',
    kind: 'write',
    encodeRequest: multi.encodeMultiRequest,
    decodeRequest: multi.decodeMultiRequest,
    encodeResponse: multi.encodeMultiResponse,
    decodeResponse: multi.decodeMultiResponse,
  },
  [Opcode.Create2]: {
    name: 'create2',
    kind: 'write',
    encodeRequest: create.encodeCreateRequest,
    decodeRequest: create.decodeCreateRequest,
    encodeResponse: create2.encodeCreate2Response,
    decodeResponse: create2.decodeCreate2Response,
  },
  [Opcode.Reconfig]: {
    name: 'reconfig',
    kind: 'write',
    encodeRequest: reconfig.encodeReconfigRequest,
    decodeRequest: reconfig.decodeReconfigRequest,
    encodeResponse: reconfig.encodeReconfigResponse,
    decodeResponse: reconfig.decodeReconfigResponse,
  },
  [Opcode.CheckWatches]: {
    name: 'checkWatches',
    kind: 'read',
    encodeRequest: checkWatches.encodeCheckWatchesRequest,
    decodeRequest: checkWatches.decodeCheckWatchesRequest,
  },
  [Opcode.RemoveWatches]: {
    name: 'removeWatches',
    kind: 'read',
    encodeRequest: removeWatches.encodeRemoveWatchesRequest,
    decodeRequest: removeWatches.decodeRemoveWatchesRequest,
  },
  [Opcode.CreateContainer]: {
    name: 'createContainer',
    kind: 'write',
    encodeRequest: create.encodeCreateRequest,
    decodeRequest: create.decodeCreateRequest,
    encodeResponse: create2.encodeCreate2Response,
    decodeResponse: create2.decodeCreate2Response,
  },
  [Opcode.DeleteContainer]: {
    name: 'deleteContainer',
    kind: 'write',
    encodeRequest: deleteContainer.encodeDeleteContainerRequest,
    decodeRequest: deleteContainer.decodeDeleteContainerRequest,
  },
  [Opcode.CreateTtl]: {
    name: 'createTTL',
    kind: 'write',
    encodeRequest: createTtl.encodeCreateTtlRequest,
    decodeRequest: createTtl.decodeCreateTtlRequest,
    encodeResponse: create2.encodeCreate2Response,
    decodeResponse: create2.decodeCreate2Response,
  },
  [Opcode.MultiRead]: {
    name: 'multiRead',
    kind: 'read',
    encodeRequest: multiRead.encodeMultiReadRequest,
    decodeRequest: multiRead.decodeMultiReadRequest,
    encodeResponse: multiRead.encodeMultiReadResponse,
    decodeResponse: multiRead.decodeMultiReadResponse,
  },
  [Opcode.Auth]: {
    name: 'auth',
    kind: 'connection',
    encodeRequest: auth.encodeAuthRequest,
    decodeRequest: auth.decodeAuthRequest,
  },
  [Opcode.SetWatches]: {
    name: 'setWatches',
    kind: 'read',
    encodeRequest: setWatches.encodeSetWatchesRequest,
    decodeRequest: setWatches.decodeSetWatchesRequest,
  },
  [Opcode.Sasl]: {
    name: 'sasl',
    kind: 'connection',
    encodeRequest: sasl.encodeSaslRequest,
    decodeRequest: sasl.decodeSaslRequest,
    encodeResponse: sasl.encodeSaslResponse,
    decodeResponse: sasl.decodeSaslResponse,
  },
  [Opcode.GetEphemerals]: {
    name: 'getEphemerals',
    kind: 'read',
    encodeRequest: getEphemerals.encodeGetEphemeralsRequest,
    decodeRequest: getEphemerals.decodeGetEphemeralsRequest,
    encodeResponse: getEphemerals.encodeGetEphemeralsResponse,
    decodeResponse: getEphemerals.decodeGetEphemeralsResponse,
  },
  [Opcode.GetAllChildrenNumber]: {
    name: 'getAllChildrenNumber',
    kind: 'read',
    encodeRequest: getAllChildrenNumber.encodeGetAllChildrenNumberRequest,
    decodeRequest: getAllChildrenNumber.decodeGetAllChildrenNumberRequest,
    encodeResponse: getAllChildrenNumber.encodeGetAllChildrenNumberResponse,
    decodeResponse: getAllChildrenNumber.decodeGetAllChildrenNumberResponse,
  },
  [Opcode.SetWatches2]: {
    name: 'setWatches2',
    kind: 'read',
    encodeRequest: setWatches2.encodeSetWatches2Request,
    decodeRequest: setWatches2.decodeSetWatches2Request,
  },
  [Opcode.AddWatch]: {
    name: 'addWatch',
    kind: 'read',
    encodeRequest: addWatch.encodeAddWatchRequest,
    decodeRequest: addWatch.decodeAddWatchRequest,
    encodeResponse: error.encodeErrorResponse,
    decodeResponse: error.decodeErrorResponse,
  },
  [Opcode.WhoAmI]: {
    name: 'whoAmI',
    kind: 'read',
    encodeRequest: noBody.encodeNoBody,
    decodeRequest: noBody.decodeNoBody,
    encodeResponse: whoAmI.encodeWhoAmIResponse,
    decodeResponse: whoAmI.decodeWhoAmIResponse,
  },
  [Opcode.CreateSession]: {
    name: 'createSession',
    kind: 'session',
    encodeRequest: createSession.encodeCreateSessionRequest,
    decodeRequest: createSession.decodeCreateSessionRequest,
  },
  [Opcode.CloseSession]: {
    name: 'closeSession',
    kind: 'session',
    encodeRequest: noBody.encodeNoBody,
    decodeRequest: noBody.decodeNoBody,
  },
};

const byOpcode: ReadonlyMap<number, Operation> = new Map(
  Object.entries(operations).map(([opcode, operation]) => [Number(opcode), operation]),
);

/** The operation of an opcode from a stranger, undefined when there is none. */
export function operationOf(opcode: number): Operation | undefined {
  return byOpcode.get(opcode);
}
