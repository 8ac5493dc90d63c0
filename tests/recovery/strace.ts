/**
 * Reads what `strace -f -ttt -xx` wrote: system calls with the lines on which each began and
 * returned. Lines are the order in which the kernel let the tracer see things, so a call that began
 * after another returned stands below it.
 */

/** Calls the durability check looks at; everything else runs untraced. */
export const tracedCalls =
  'openat,close,write,writev,pwrite64,pwritev,pwritev2,sendmsg,sendto,fsync,fdatasync,accept,accept4';

export interface SystemCall {
  readonly name: string;
  /** Everything between the parentheses. */
  readonly args: string;
  readonly result: number;
  readonly startLine: number;
  readonly endLine: number;
}

const LINE = /^(\d+)\s+(\d+\.\d+) (.*)$/;
const WHOLE = /^(\w+)\((.*)\)\s+= (-?\d+)/s;
const UNFINISHED = /^(\w+)\((.*) <unfinished \.\.\.>$/s;
const RESUMED = /^<\.\.\. (\w+) resumed>(.*)\)\s+= (-?\d+)/s;

export function readTrace(text: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const open = new Map<string, { name: string; args: string; startLine: number }>();
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    const [, thread, , what] = LINE.exec(line) ?? [];
    if (thread === undefined || what === undefined) continue;
    const unfinished = UNFINISHED.exec(what);
    if (unfinished) {
      open.set(thread, { name: unfinished[1] ?? '', args: unfinished[2] ?? '', startLine: at });
      continue;
    }
    const resumed = RESUMED.exec(what);
    const begun = resumed ? open.get(thread) : undefined;
    if (resumed && begun) {
      open.delete(thread);
      const args = begun.args + (resumed[2] ?? '');
      calls.push({ ...begun, args, result: Number(resumed[3]), endLine: at });
      continue;
    }
    const whole = WHOLE.exec(what);
    if (!whole) continue;
    const [, name = '', args = '', result] = whole;
    calls.push({ name, args, result: Number(result), startLine: at, endLine: at });
  }
  return calls.sort((a, b) => a.endLine - b.endLine);
}

/** The descriptor a call works on: its first argument. */
export function descriptorOf(call: SystemCall): number {
  return Number.parseInt(call.args, 10);
}

const QUOTED = /"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g;

/** The bytes a writing call handed over, as far as the kernel took them. */
export function bytesOf(call: SystemCall): Buffer {
  const parts: Buffer[] = [];
  for (const [, hex = '', cut] of call.args.matchAll(QUOTED)) {
    if (cut) throw new Error(`strace has cut the bytes of a ${call.name}`);
    parts.push(Buffer.from(hex.replaceAll('\\x', ''), 'hex'));
  }
  return Buffer.concat(parts).subarray(0, Math.max(0, call.result));
}

/** Where a positioned write goes: its last argument but, for pwritev2, the flags. */
export function offsetOf(call: SystemCall): number | undefined {
  if (!call.name.startsWith('pwrite')) return undefined;
  const args = call.args.split(', ');
  return Number(args.at(call.name === 'pwritev2' ? -2 : -1));
}
