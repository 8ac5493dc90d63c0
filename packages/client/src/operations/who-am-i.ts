/** The identities that this connection has, without their secrets. */
import { decodeWhoAmIResponse, Opcode } from '@zabra/wire';
import type { Abortable } from '../connection/abortable.ts';
import type { CallKind } from '../connection/call.ts';
import type { View } from './view.ts';

export interface ClientIdentity {
  readonly scheme: string;
  readonly id: string;
}

const NOTHING = new Uint8Array(0);

const kind: CallKind<readonly ClientIdentity[]> = {
  op: 'whoAmI',
  opcode: Opcode.WhoAmI,
  isIdempotent: true,
  read: ({ reader }) => {
    const { clientInfo } = decodeWhoAmIResponse(reader) ?? { clientInfo: [] };
    return clientInfo.map(({ authScheme, user }) => ({ scheme: authScheme, id: user }));
  },
};

export function whoAmI(view: View, options?: Abortable): Promise<readonly ClientIdentity[]> {
  return view.connection.calls.ask(view, kind, '', NOTHING, options);
}
