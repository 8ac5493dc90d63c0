/**
 * The limit: a server in Node that does no more than the wire demands. It cuts frames, answers
 * getData from a Map (which create fills) and gathers what one chunk asked for into one write. No
 * sessions, rights, watches or disk. What it reaches is what Node, the kernel and the generator allow here.
 *
 * Started as a program with the port as its only argument.
 */
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { FrameSplitter } from './frame-splitter.ts';
import { frame, int } from './frames.ts';

const OUTPUT_BYTES = 512 * 1024;
const REPLY_HEADER_BYTES = 20;
const STAT = Buffer.alloc(68);
const EMPTY = Buffer.alloc(0);

const CREATE = 1;
const GET_DATA = 4;
const CLOSE_SESSION = -11;
const NO_NODE = -101;

/** Ready-made bodies of getData replies, by path. */
const nodes = new Map<string, Buffer>();

const connectResponse = frame(
  int(0),
  int(30_000),
  Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]),
  int(16),
  Buffer.alloc(17),
);

/** One connection: replies of a chunk gather in `output` and leave together. */
class BareConnection {
  readonly #socket: Socket;
  readonly #splitter = new FrameSplitter();
  #output = Buffer.allocUnsafe(OUTPUT_BYTES);
  #length = 0;
  #hasSession = false;
  #isClosing = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => this.#onChunk(chunk));
  }

  #onChunk(chunk: Buffer): void {
    if (!this.#hasSession && chunk.toString('latin1') === 'srvr') {
      this.#socket.end('Mode: bare\n');
      return;
    }
    this.#splitter.push(chunk, this.#onFrame);
    this.#flush();
    if (this.#isClosing) this.#socket.end();
  }

  readonly #onFrame = (buffer: Buffer, start: number): void => {
    if (!this.#hasSession) {
      this.#hasSession = true;
      this.#append(connectResponse);
      return;
    }
    this.#answer(buffer, start);
  };

  #answer(buffer: Buffer, start: number): void {
    const type = buffer.readInt32BE(start + 4);
    if (type === CLOSE_SESSION) {
      this.#isClosing = true;
      this.#reply(buffer, start, 0, EMPTY);
      return;
    }
    const pathEnd = start + 12 + buffer.readInt32BE(start + 8);
    const path = buffer.toString('latin1', start + 12, pathEnd);
    const body = bodyFor(type, path, buffer, pathEnd);
    this.#reply(buffer, start, body === undefined ? NO_NODE : 0, body ?? EMPTY);
  }

  #reply(request: Buffer, start: number, code: number, body: Buffer): void {
    if (this.#length + REPLY_HEADER_BYTES + body.length > OUTPUT_BYTES) this.#flush();
    const output = this.#output;
    const at = this.#length;
    output.writeInt32BE(16 + body.length, at);
    request.copy(output, at + 4, start, start + 4);
    output.fill(0, at + 8, at + 16);
    output.writeInt32BE(code, at + 16);
    output.set(body, at + REPLY_HEADER_BYTES);
    this.#length = at + REPLY_HEADER_BYTES + body.length;
  }

  #append(bytes: Buffer): void {
    this.#output.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #flush(): void {
    if (this.#length === 0) return;
    this.#socket.write(this.#output.subarray(0, this.#length));
    // A socket that did not take everything at once still holds the buffer.
    if (this.#socket.writableLength > 0) this.#output = Buffer.allocUnsafe(OUTPUT_BYTES);
    this.#length = 0;
  }
}

function bodyFor(type: number, path: string, buffer: Buffer, dataAt: number): Buffer | undefined {
  if (type === GET_DATA) return nodes.get(path);
  if (type !== CREATE) return undefined;
  const data = buffer.subarray(dataAt, dataAt + 4 + buffer.readInt32BE(dataAt));
  nodes.set(path, Buffer.concat([data, STAT]));
  return buffer.subarray(dataAt - path.length - 4, dataAt);
}

function main(): void {
  const server = createServer((socket) => new BareConnection(socket));
  process.on('SIGTERM', () => process.exit(0));
  server.listen(Number(process.argv[2]), '127.0.0.1');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
