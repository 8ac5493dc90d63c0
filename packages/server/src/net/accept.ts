/**
 * Takes in clients so that all of them are read into one buffer. By default Node allocates 64 KiB
 * for every read of an accepted socket, which under many small requests is most of the garbage there
 * is; its option for a buffer of one's own exists for outgoing sockets only. So the sockets are made
 * here, from the handles the listening socket hands out. Where a future Node hides those, ordinary
 * sockets and their 'data' events serve.
 */
import { type Server, Socket, type SocketConstructorOpts } from 'node:net';

const READ_BYTES = 64 * 1024;

/** Bytes that are the listener's only for the call. */
type DataListener = (bytes: Uint8Array) => void;

export interface Accepted {
  readonly socket: Socket;
  /** Names who gets the data; at once, in the call that hands the client over. */
  readonly listen: (listener: DataListener) => void;
}

export interface AcceptOptions {
  readonly keepAlive: boolean;
  /** False takes ordinary sockets even where the buffer could be shared. */
  readonly sharesBuffer: boolean;
}

/** What a listening socket of this Node calls for each client. */
interface ListenHandle {
  onconnection: (error: unknown, client: ClientHandle | undefined) => void;
}

interface ClientHandle {
  readonly useUserBuffer: (buffer: Uint8Array) => void;
  readonly setNoDelay?: (isOn: boolean) => void;
  readonly setKeepAlive?: (isOn: boolean, delaySeconds: number) => void;
}

/** From now on `onClient` gets every client of the listening server. */
export function acceptClients(
  server: Server,
  options: AcceptOptions,
  onClient: (client: Accepted) => void,
): void {
  const handle: unknown = Reflect.get(server, '_handle');
  if (options.sharesBuffer && isListenHandle(handle)) shareBuffer(handle, options, onClient);
  else server.on('connection', (socket) => onClient(ordinary(socket, options)));
}

function shareBuffer(
  handle: ListenHandle,
  { keepAlive }: AcceptOptions,
  onClient: (client: Accepted) => void,
): void {
  const buffer = new Uint8Array(READ_BYTES);
  handle.onconnection = (error, client): void => {
    // Out of descriptors: the client is dropped, the others are not concerned.
    if (error !== 0 || client === undefined) return;
    client.setNoDelay?.(true);
    if (keepAlive) client.setKeepAlive?.(true, 0);
    let deliver: DataListener = () => {};
    const callback = (byteCount: number): boolean => {
      deliver(buffer.subarray(0, byteCount));
      return true;
    };
    const wanted = { handle: client, allowHalfOpen: true, onread: { buffer, callback } };
    const listen = (listener: DataListener): void => {
      deliver = listener;
    };
    onClient({ socket: new Socket(wanted as SocketConstructorOpts), listen });
  };
}

function ordinary(socket: Socket, { keepAlive }: AcceptOptions): Accepted {
  socket.setNoDelay(true);
  if (keepAlive) socket.setKeepAlive(true);
  return { socket, listen: (listener) => void socket.on('data', listener) };
}

function isListenHandle(value: unknown): value is ListenHandle {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'onconnection') === 'function'
  );
}
