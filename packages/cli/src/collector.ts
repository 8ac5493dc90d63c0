/**
 * What a process that is a server and nothing else asks of its garbage collector. Nodes and logs lie
 * outside its heap, so what is on it is small, and mostly sockets that come and go. By default it
 * may grow fourfold before it is looked through; looked through sooner, it stays small, and
 * the marking is done beside the main thread.
 */
import { setFlagsFromString } from 'node:v8';

const HEAP_GROWING_PERCENT = 30;

export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
}
