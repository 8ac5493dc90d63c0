/**
 * What can go wrong, by name: the codes of servers as ZooKeeper's documents call them, and those that
 * only a client can mean. A code that nobody knows stays a number.
 */
import type { ErrorCode as WireCode } from '@zabra/wire';

type ServerCode = Exclude<keyof typeof WireCode, 'Ok'>;

type ClientCode =
  /** The caller's signal. */
  | 'Aborted'
  | 'Closed'
  | 'QueueFull'
  | 'InvalidPath'
  | 'RequestTooLarge'
  | 'ReplyTooLarge'
  /** An answer that cannot be read. */
  | 'BadReply'
  | 'Unreachable'
  /** A value that a codec does not take. */
  | 'BadValue'
  /** Events came faster than they were taken, or more nodes than there is room for. */
  | 'Overflow'
  /** Nodes of another recipe, or of another layout of this one. */
  | 'ForeignLayout'
  /** What was held is held no longer. */
  | 'OwnershipLost';

export type ErrorCode = ServerCode | ClientCode;

const sentences: Partial<Readonly<Record<ErrorCode, string>>> = {
  AuthFailed: 'an identity was refused',
  BadArguments: 'the server does not accept these arguments',
  BadReply: "the server's answer cannot be read",
  BadVersion: 'the node has another version',
  Closed: 'the client was closed',
  ConnectionLoss: 'the connection was lost, or there was none',
  InvalidAcl: 'the access control list is not valid',
  MarshallingError: 'the server cannot read the request',
  NewConfigNoQuorum: 'no quorum of the new configuration is in step',
  NoAuth: 'the access control list does not permit it',
  NoChildrenForEphemerals: 'ephemeral nodes have no children',
  NodeExists: 'there is such a node already',
  NoNode: 'there is no such node',
  NotEmpty: 'the node has children',
  NotReadOnly: 'the server only reads',
  NoWatcher: 'there is no such watch',
  QueueFull: 'too many requests are under way',
  QuotaExceeded: 'a quota is exceeded',
  ReconfigDisabled: 'the servers do not let their members be changed',
  ReconfigInProgress: 'the members are being changed already',
  ReplyTooLarge: 'the answer is longer than maxFrameLength',
  RequestTimeout: 'no answer came in time',
  RequestTooLarge: 'the request is longer than servers take',
  SessionClosedRequireAuth: 'the server serves only who has proved an identity',
  SessionExpired: 'the session has expired',
  SessionMoved: 'the session is on another connection',
  ThrottledOp: 'the server has too much to do',
  Unimplemented: 'the server does not know this operation',
};

/** What a code means, in words; null where the name has to do. */
export function sentenceOf(code: ErrorCode | number): string | null {
  return typeof code === 'number' ? null : (sentences[code] ?? null);
}
