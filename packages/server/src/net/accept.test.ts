import { connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Accepted, acceptClients } from './accept.ts';

let server: Server;

afterEach(() => server.close());

function listening(sharesBuffer: boolean, onClient: (client: Accepted) => void): Promise<number> {
  server = createServer({ allowHalfOpen: true });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      acceptClients(server, { keepAlive: true, sharesBuffer }, onClient);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

describe.each([
  ['one buffer for all', true],
  ["plain 'data' events", false],
])('%s', (_name, sharesBuffer) => {
  it('hands in what clients send, and hears them leave', async () => {
    const closed: Promise<string>[] = [];
    const port = await listening(sharesBuffer, ({ socket, listen }) => {
      let text = '';
      listen((bytes) => {
        text += Buffer.from(bytes).toString();
        socket.write(`${text.length};`);
      });
      socket.on('end', () => socket.end());
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

  it('answers a client that has closed its side', async () => {
    const port = await listening(sharesBuffer, ({ socket, listen }) => {
      listen(() => {});
      socket.on('end', () => socket.end('still here'));
    });
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const client = connect(port, '127.0.0.1', () => client.end('bye'));
      client.on('data', (bytes) => {
        text += bytes.toString();
      });
      client.on('close', () => resolve(text));
    });
    expect(answer).toBe('still here');
  });

  it('stops and goes on reading when told', async () => {
    let received = 0;
    const accepted: Accepted[] = [];
    const port = await listening(sharesBuffer, (client) => {
      client.listen((bytes) => {
        received += bytes.length;
        client.socket.pause();
      });
      accepted.push(client);
    });
    const client = connect(port, '127.0.0.1', () => client.write('first'));
    await expect.poll(() => received).toBe(5);
    await new Promise((resolve) => client.write('second', resolve));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(received).toBe(5);
    accepted[0]!.socket.resume();
    await expect.poll(() => received).toBe(11);
    client.destroy();
  });
});
