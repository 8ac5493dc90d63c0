/**
 * Reads all clients into one buffer. By default Node allocates 64 KiB for every read of an accepted
 * socket, which under many small requests is most of the garbage there is; its option for a buffer
 * of one's own exists for outgoing sockets only. So the accepted socket's handle is moved into a
 * socket that has the option. Where a future Node hides the handle, plain 'data' events serve.
 */
import { Socket, type SocketConstructorOpts } from 'node:net';

const READ_BYTES = 64 * 1024;

interface Handle {
  readonly useUserBuffer: (buffer: Uint8Array) => void;
}

export class SharedRead {
  readonly #buffer = new Uint8Array(READ_BYTES);
  /** False reads by 'data' events even where the buffer could be shared. */
  readonly #isWanted: boolean;

  constructor(isWanted = true) {
    this.#isWanted = isWanted;
  }

  /**
   * Starts reading; `onData` gets bytes that are its own only for the call. The socket given must be
   * paused and not be used any more: the one returned takes its place.
   */
  start(socket: Socket, onData: (bytes: Uint8Array) => void): Socket {
    const handle = this.#isWanted ? handleOf(socket) : null;
    if (handle === null) {
      return socket.on('data', onData).resume();
    }
    const buffer = this.#buffer;
    const options = {
      handle,
      allowHalfOpen: socket.allowHalfOpen,
      onread: {
        buffer,
        callback: (byteCount: number): boolean => {
          onData(buffer.subarray(0, byteCount));
          return true;
        },
      },
    };
    Reflect.set(socket, '_handle', null);
    return new Socket(options as SocketConstructorOpts);
  }
}

function handleOf(socket: Socket): Handle | null {
  const handle: unknown = Reflect.get(socket, '_handle');
  return isHandle(handle) ? handle : null;
}

function isHandle(value: unknown): value is Handle {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof Reflect.get(value, 'useUserBuffer') === 'function'
  );
}
