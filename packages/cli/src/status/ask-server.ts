// A four-letter word over a connection of its own.

import { connect } from 'node:net';
import type { Address } from './addresses.ts';

/** More than any of the words asked here is answered with. */
const ANSWER_BYTES_MAX = 1024 * 1024;

/** The answer; rejects, with a reason in plain words, when there is none in time. */
export function askServer(address: Address, word: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    const parts: Buffer[] = [];
    let byteCount = 0;
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new Error(reason));
    };
    const timer = setTimeout(() => fail(`no answer in ${timeoutMs} ms`), timeoutMs);
    socket.on('connect', () => socket.write(word));
    socket.on('data', (part) => {
      parts.push(part);
      byteCount += part.length;
      if (byteCount > ANSWER_BYTES_MAX) fail('what answers is no ZooKeeper server');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => fail(reasonOf(error)));
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(parts).toString());
    });
  });
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nobody listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name is not known';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to that host';
    case 'ECONNRESET':
      return 'it hung up';
    default:
      return message;
  }
}
