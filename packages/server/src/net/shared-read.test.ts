import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { SharedRead } from './shared-read.ts';

let server: Server;

afterEach(() => server.close());

function listening(onSocket: (socket: Socket) => void): Promise<number> {
  server = createServer({ pauseOnConnect: true }, onSocket);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

describe.each([
  ['one buffer for all', true],
  ["plain 'data' events", false],
])('%s', (_name, isShared) => {
  it('hands in what clients send, and hears them leave', async () => {
    const sharedRead = new SharedRead(isShared);
    const closed: Promise<string>[] = [];
    const port = await listening((accepted) => {
      let text = '';
      const socket = sharedRead.start(accepted, (bytes) => {
        text += Buffer.from(bytes).toString();
        socket.write(`${text.length};`);
      });
      closed.push(new Promise((resolve) => socket.on('close', () => resolve(text))));
    });
    const heard = await Promise.all(
      ['one', 'another'].map(
        (word) =>
          new Promise<string>((resolve) => {
            let answer = '';
            const client = connect(port, '127.0.0.1', () => client.write(word));
            client.on('data', (bytes) => {
              answer += bytes.toString();
              client.end();
            });
            client.on('close', () => resolve(answer));
          }),
      ),
    );
    expect(heard).toEqual(['3;', '7;']);
    expect((await Promise.all(closed)).sort()).toEqual(['another', 'one']);
  });

  it('stops and goes on reading when told', async () => {
    const sharedRead = new SharedRead(isShared);
    let received = 0;
    const sockets: Socket[] = [];
    const port = await listening((accepted) => {
      const socket = sharedRead.start(accepted, (bytes) => {
        received += bytes.length;
        socket.pause();
      });
      sockets.push(socket);
    });
    const client = connect(port, '127.0.0.1', () => client.write('first'));
    await expect.poll(() => received).toBe(5);
    await new Promise((resolve) => client.write('second', resolve));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(received).toBe(5);
    sockets[0]!.resume();
    await expect.poll(() => received).toBe(11);
    client.destroy();
  });
});
