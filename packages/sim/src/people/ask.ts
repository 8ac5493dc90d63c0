/** Hands a wish to a session, as its user would. */
import type { SessionRequest } from '@zabra/client/session';
import { JuteWriter, Opcode, operations } from '@zabra/wire';
import type { Ask } from './journal.ts';
import type { SessionBody } from './session-body.ts';

/** However an operation's request looks. */
interface RequestCodec {
  encodeRequest(writer: JuteWriter, request: unknown): void;
}

/** One after the other is written here. */
const writer = new JuteWriter();

type Talk = Pick<SessionBody, 'session' | 'witness'>;

/** `number` tells the request's completion, and its watcher if it sets a watch. */
export function ask({ session, witness }: Talk, what: Ask, number: number): void {
  if (what.type === Opcode.CloseSession) {
    session.close();
    return;
  }
  if (what.type === Opcode.RemoveWatches) {
    unwatch({ session, witness }, what.body, number);
    return;
  }
  const codec: RequestCodec = operations[what.type];
  writer.position = 0;
  codec.encodeRequest(writer, what.body);
  const path = watchedPath(what);
  const watch = path === null ? {} : { watch: { watcher: number, path } };
  const request: SessionRequest = { token: number, opcode: what.type, body: writer.finish() };
  const watcher = path === null ? 0 : number;
  witness.onWish({ token: number, ask: what, watcher, atMs: witness.nowMs }, request.body);
  session.request({ ...request, ...watch });
}

/** Now everybody's, now those of whoever has asked for a watch on that path last. */
function unwatch(
  { session, witness }: Talk,
  { path, type }: { readonly path: string; readonly type: number },
  number: number,
): void {
  const { life } = witness;
  const last = life.wishes.findLast(({ ask: one, watcher }) => {
    return watcher > 0 && watchedPath(one) === path;
  });
  const watcher = number % 2 === 0 ? (last?.watcher ?? null) : null;
  const what = { path, type, watcher };
  life.unwatched.push({ token: number, what, heardCount: life.heard.length });
  session.unwatch(number, what);
}

function watchedPath(what: Ask): string | null {
  if (what.type === Opcode.AddWatch) return what.body.path;
  const isRead =
    what.type === Opcode.GetData ||
    what.type === Opcode.Exists ||
    what.type === Opcode.GetChildren2;
  return isRead && what.body.watch ? what.body.path : null;
}
