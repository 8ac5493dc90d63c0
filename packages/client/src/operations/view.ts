/** A part of the tree seen as if it were everything, and what all calls from there have in common. */
import type { Acl, JuteWriter } from '@zabra/wire';
import type { Caller } from '../connection/calls.ts';
import type { Connection } from '../connection/connection.ts';

export interface View extends Caller {
  readonly connection: Connection;
  /** For nodes that are created without one. */
  readonly acl: readonly Acl[];
}

interface Encoder<Request> {
  encodeRequest(writer: JuteWriter, request: Request): void;
}

/** The record of a request, for the session to send. */
export function encode<Request>(
  view: View,
  operation: Encoder<Request>,
  request: Request,
): Uint8Array {
  const { writer } = view.connection;
  writer.position = 0;
  operation.encodeRequest(writer, request);
  return writer.finish();
}

/** The same calls, seen from the top of the tree. */
export function wholeTree(view: View): View {
  return view.root === '' ? view : { ...view, root: '' };
}
