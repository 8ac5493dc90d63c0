/** The public list of the wire room: everything another room may import. */

export { ADLER32_START, adler32 } from './adler32.ts';
export { assert, InvariantError } from './assert.ts';
export { CRC32_START, crc32Extend, crc32Finish } from './crc32.ts';
export { ErrorCode, errorName } from './error-code.ts';
export { encodeFrame, FRAME_BYTES_MAX_DEFAULT, FrameReader } from './frame.ts';
export type { Codec, Decode, Encode } from './jute/codec.ts';
export { copyBytes } from './jute/copy.ts';
export { JuteReader } from './jute/reader.ts';
export {
  decodeText,
  decodeTexts,
  decodeVector,
  encodeTexts,
  readVector,
  writeVector,
} from './jute/vector.ts';
export { type BufferSource, JuteWriter } from './jute/writer.ts';
export {
  type CheckTxn,
  type DeleteTxn,
  decodeCheckTxn,
  decodeDeleteTxn,
  decodeErrorTxn,
  decodeSetAclTxn,
  decodeSetDataTxn,
  type ErrorTxn,
  encodeCheckTxn,
  encodeDeleteTxn,
  encodeErrorTxn,
  encodeSetAclTxn,
  encodeSetDataTxn,
  type SetAclTxn,
  type SetDataTxn,
} from './log/change-txn.ts';
export {
  type CreateContainerTxn,
  type CreateTtlTxn,
  type CreateTxn,
  decodeCreateContainerTxn,
  decodeCreateTtlTxn,
  decodeCreateTxn,
  encodeCreateContainerTxn,
  encodeCreateTtlTxn,
  encodeCreateTxn,
  PARENT_CVERSION_UNKNOWN,
} from './log/create-txn.ts';
export {
  beginLogRecord,
  decodeLogHeader,
  encodeLogHeader,
  finishLogRecord,
  LOG_HEADER_BYTES,
  LOG_MAGIC,
  LOG_PAYLOAD_BYTES_MAX_DEFAULT,
  LOG_RECORD_END,
  LOG_RECORD_EXTRA_BYTES,
  LOG_RECORD_HEAD_BYTES,
  LOG_VERSION,
  type LogHeader,
} from './log/log-file.ts';
export {
  type LogCorrupt,
  type LogCorruption,
  type LogEnd,
  type LogEndReason,
  type LogOutcome,
  type LogRecord,
  LogScanner,
  readLogRecords,
} from './log/log-scanner.ts';
export { decodeMultiTxn, encodeMultiTxn, type MultiTxn, type PartTxn } from './log/multi-txn.ts';
export {
  type CloseSessionTxn,
  type CreateSessionTxn,
  decodeCloseSessionTxn,
  decodeCreateSessionTxn,
  encodeCloseSessionTxn,
  encodeCreateSessionTxn,
} from './log/session-txn.ts';
export {
  decodeSnapshot,
  type SnapshotCorrupt,
  type SnapshotCorruption,
  type SnapshotOutcome,
} from './log/snapshot-decode.ts';
export { encodeSnapshot } from './log/snapshot-encode.ts';
export {
  OPEN_ACL_KEY,
  SNAPSHOT_DB_ID,
  SNAPSHOT_END_PATH,
  SNAPSHOT_LAST_ZXID_BYTES,
  SNAPSHOT_MAGIC,
  SNAPSHOT_SEAL_BYTES,
  SNAPSHOT_VERSION,
  type Snapshot,
  type SnapshotAcl,
  type SnapshotDigest,
  type SnapshotNode,
  type SnapshotSession,
} from './log/snapshot-file.ts';
export {
  decodeTransaction,
  encodeTransaction,
  type Transaction,
  type TxnRecord,
} from './log/transaction.ts';
export {
  DIGEST_VERSION,
  decodeTxnDigest,
  encodeTxnDigest,
  TXN_DIGEST_BYTES,
  type TxnDigest,
} from './log/txn-digest.ts';
export {
  decodeTxnHeader,
  encodeTxnHeader,
  TXN_HEADER_BYTES,
  type TxnHeader,
} from './log/txn-header.ts';
export {
  AddWatchMode,
  CreateFlags,
  EventType,
  KEEPER_STATE_CONNECTED,
  Opcode,
  Permission,
  WatcherType,
  Xid,
} from './opcode.ts';
export {
  type AnsweredOperation,
  type HeaderOnlyOperation,
  type Operation,
  type OperationKind,
  type Operations,
  operationOf,
  operations,
} from './operations.ts';
export { PathProblem, pathProblem, textPathProblem, validatePath } from './path.ts';
export {
  type AckEpoch,
  decodeAckEpoch,
  encodeAckEpoch,
  NO_NEW_PROMISE,
} from './quorum/ack-epoch.ts';
export {
  appendCommitAndActivate,
  appendInformAndActivate,
  decodeDesignatedLeader,
} from './quorum/activation.ts';
export type {
  Ensemble,
  Group,
  Member,
  PeerAddress,
  ServerRole,
  Weight,
} from './quorum/ensemble.ts';
export { type EnsembleOutcome, formatEnsemble, parseEnsemble } from './quorum/ensemble-text.ts';
export { appendForwardedRequest, ForwardedRequestView } from './quorum/forwarded-request.ts';
export {
  dialableAddresses,
  encodeInitialMessage,
  type InitialMessage,
  type InitialMessageForm,
  type InitialMessageOutcome,
  type InitialMessageRefused,
  InitialMessageScanner,
} from './quorum/initial-message.ts';
export { decodeLeaderInfo, encodeLeaderInfo, type LeaderInfo } from './quorum/leader-info.ts';
export {
  decodeLearnerInfo,
  encodeLearnerInfo,
  type LearnerInfo,
  PROTOCOL_VERSION,
} from './quorum/learner-info.ts';
export {
  decodeNotification,
  encodeNotification,
  NOTIFICATION_VERSION,
  type Notification,
  type NotificationOutcome,
  type NotificationSkipped,
  PeerState,
} from './quorum/notification.ts';
export {
  appendNotificationFrame,
  type BadNotificationFrame,
  NOTIFICATION_BYTES_MAX,
  NotificationFrames,
} from './quorum/notification-frames.ts';
export { PacketType, packetTypeName } from './quorum/packet-type.ts';
export {
  decodeQuorumAuthPacket,
  encodeQuorumAuthPacket,
  QUORUM_AUTH_MAGIC,
  QUORUM_AUTH_TOKEN_BYTES_MAX,
  type QuorumAuthOutcome,
  type QuorumAuthPacket,
  QuorumAuthScanner,
  QuorumAuthStatus,
} from './quorum/quorum-auth-packet.ts';
export {
  appendAck,
  appendBarePacket,
  appendCommit,
  appendInform,
  appendPacket,
  appendPing,
  appendProposal,
  beginPacket,
  decodeQuorumPacket,
  encodeAuthinfo,
  encodeQuorumPacket,
  finishPacket,
  finishPacketWith,
  PacketView,
  type QuorumPacket,
} from './quorum/quorum-packet.ts';
export {
  AUTHINFO_COUNT_MAX,
  appendSnapshotSignature,
  type PacketProblem,
  type PacketStep,
  QuorumPacketScanner,
} from './quorum/quorum-packet-scanner.ts';
export {
  decodeRevalidateAnswer,
  decodeRevalidateAsk,
  encodeRevalidateAnswer,
  encodeRevalidateAsk,
  type RevalidateAnswer,
  type RevalidateAsk,
} from './quorum/revalidate.ts';
export {
  formatServerAddress,
  isWildcardHost,
  parseServerAddress,
  type ServerAddress,
} from './quorum/server-address.ts';
export { asServerId, NO_SERVER, type ServerId, UNNAMED_OBSERVER } from './quorum/server-id.ts';
export { formatServerLine, parseServerLine, type ServerLineOutcome } from './quorum/server-line.ts';
export {
  appendSessionTouch,
  readSessionTouches,
  SESSION_TOUCH_BYTES,
  type SessionTouchSink,
} from './quorum/session-touches.ts';
export {
  type Acl,
  CREATOR_ACL,
  decodeAcl,
  decodeId,
  encodeAcl,
  encodeId,
  formatPermissions,
  type Id,
  OPEN_ACL,
  parsePermissions,
  READ_ACL,
  readAcls,
  writeAcls,
} from './records/acl.ts';
export {
  CLIENT_INFO_BYTES_MIN,
  type ClientInfo,
  decodeClientInfo,
  encodeClientInfo,
} from './records/client-info.ts';
export {
  decodeReplyHeader,
  decodeRequestHeader,
  encodeReplyHeader,
  encodeRequestHeader,
  type ReplyHeader,
  type RequestHeader,
} from './records/header.ts';
export {
  decodePersistedStat,
  encodePersistedStat,
  PERSISTED_STAT_BYTES,
  type PersistedStat,
} from './records/persisted-stat.ts';
export { decodeStat, encodeStat, STAT_BYTES, type Stat } from './records/stat.ts';
export {
  decodeWatcherEvent,
  encodeWatcherEvent,
  type WatcherEvent,
} from './records/watcher-event.ts';
export {
  type AddWatchRequest,
  decodeAddWatchRequest,
  encodeAddWatchRequest,
} from './requests/add-watch.ts';
export { type AuthRequest, decodeAuthRequest, encodeAuthRequest } from './requests/auth.ts';
export { type CheckRequest, decodeCheckRequest, encodeCheckRequest } from './requests/check.ts';
export {
  type CheckWatchesRequest,
  decodeCheckWatchesRequest,
  encodeCheckWatchesRequest,
} from './requests/check-watches.ts';
export {
  type ConnectRequest,
  type ConnectResponse,
  decodeConnectRequest,
  decodeConnectResponse,
  encodeConnectRequest,
  encodeConnectResponse,
} from './requests/connect.ts';
export {
  type CreateRequest,
  type CreateResponse,
  decodeCreateRequest,
  decodeCreateResponse,
  encodeCreateRequest,
  encodeCreateResponse,
} from './requests/create.ts';
export {
  type CreateSessionRequest,
  decodeCreateSessionRequest,
  encodeCreateSessionRequest,
} from './requests/create-session.ts';
export {
  type CreateTtlRequest,
  decodeCreateTtlRequest,
  encodeCreateTtlRequest,
} from './requests/create-ttl.ts';
export {
  type Create2Response,
  decodeCreate2Response,
  encodeCreate2Response,
} from './requests/create2.ts';
export { type DeleteRequest, decodeDeleteRequest, encodeDeleteRequest } from './requests/delete.ts';
export {
  type DeleteContainerRequest,
  decodeDeleteContainerRequest,
  encodeDeleteContainerRequest,
} from './requests/delete-container.ts';
export {
  decodeErrorResponse,
  type ErrorResponse,
  encodeErrorResponse,
} from './requests/error-response.ts';
export {
  decodeExistsRequest,
  decodeExistsResponse,
  type ExistsRequest,
  type ExistsResponse,
  encodeExistsRequest,
  encodeExistsResponse,
} from './requests/exists.ts';
export {
  decodeGetAclRequest,
  decodeGetAclResponse,
  encodeGetAclRequest,
  encodeGetAclResponse,
  type GetAclRequest,
  type GetAclResponse,
} from './requests/get-acl.ts';
export {
  decodeGetAllChildrenNumberRequest,
  decodeGetAllChildrenNumberResponse,
  encodeGetAllChildrenNumberRequest,
  encodeGetAllChildrenNumberResponse,
  type GetAllChildrenNumberRequest,
  type GetAllChildrenNumberResponse,
} from './requests/get-all-children-number.ts';
export {
  decodeGetChildrenRequest,
  decodeGetChildrenResponse,
  encodeGetChildrenRequest,
  encodeGetChildrenResponse,
  type GetChildrenRequest,
  type GetChildrenResponse,
} from './requests/get-children.ts';
export {
  decodeGetChildren2Request,
  decodeGetChildren2Response,
  encodeGetChildren2Request,
  encodeGetChildren2Response,
  type GetChildren2Request,
  type GetChildren2Response,
} from './requests/get-children2.ts';
export {
  decodeGetDataRequest,
  decodeGetDataResponse,
  encodeGetDataRequest,
  encodeGetDataResponse,
  type GetDataRequest,
  type GetDataResponse,
} from './requests/get-data.ts';
export {
  decodeGetEphemeralsRequest,
  decodeGetEphemeralsResponse,
  encodeGetEphemeralsRequest,
  encodeGetEphemeralsResponse,
  type GetEphemeralsRequest,
  type GetEphemeralsResponse,
} from './requests/get-ephemerals.ts';
export {
  decodeMultiRequest,
  decodeMultiResponse,
  encodeMultiRequest,
  encodeMultiResponse,
  type MultiOp,
  type MultiRequest,
  type MultiResponse,
  type MultiResult,
} from './requests/multi.ts';
export {
  decodeMultiReadRequest,
  decodeMultiReadResponse,
  encodeMultiReadRequest,
  encodeMultiReadResponse,
  type MultiReadOp,
  type MultiReadRequest,
  type MultiReadResponse,
  type MultiReadResult,
} from './requests/multi-read.ts';
export { decodeNoBody, encodeNoBody, NO_BODY, type NoBody } from './requests/no-body.ts';
export {
  decodeReconfigRequest,
  decodeReconfigResponse,
  encodeReconfigRequest,
  encodeReconfigResponse,
  type ReconfigRequest,
  type ReconfigResponse,
} from './requests/reconfig.ts';
export {
  decodeRemoveWatchesRequest,
  encodeRemoveWatchesRequest,
  type RemoveWatchesRequest,
} from './requests/remove-watches.ts';
export {
  decodeSaslRequest,
  decodeSaslResponse,
  encodeSaslRequest,
  encodeSaslResponse,
  type SaslRequest,
  type SaslResponse,
} from './requests/sasl.ts';
export {
  decodeSetAclRequest,
  decodeSetAclResponse,
  encodeSetAclRequest,
  encodeSetAclResponse,
  type SetAclRequest,
  type SetAclResponse,
} from './requests/set-acl.ts';
export {
  decodeSetDataRequest,
  decodeSetDataResponse,
  encodeSetDataRequest,
  encodeSetDataResponse,
  type SetDataRequest,
  type SetDataResponse,
} from './requests/set-data.ts';
export {
  decodeSetWatchesRequest,
  encodeSetWatchesRequest,
  type SetWatchesRequest,
} from './requests/set-watches.ts';
export {
  decodeSetWatches2Request,
  encodeSetWatches2Request,
  type SetWatches2Request,
} from './requests/set-watches2.ts';
export {
  decodeSyncRequest,
  decodeSyncResponse,
  encodeSyncRequest,
  encodeSyncResponse,
  type SyncRequest,
  type SyncResponse,
} from './requests/sync.ts';
export {
  decodeWhoAmIResponse,
  encodeWhoAmIResponse,
  type WhoAmIResponse,
} from './requests/who-am-i.ts';
export { asSessionId, formatSessionId, NO_SESSION, type SessionId } from './session-id.ts';
export { SESSION_PASSWORD_BYTES, sessionPassword } from './session-password.ts';
export { decodeUtf8, encodeUtf8 } from './utf8.ts';
export {
  asZxid,
  formatZxid,
  parseZxid,
  type Zxid,
  zxidCounter,
  zxidEpoch,
  zxidOf,
} from './zxid.ts';
