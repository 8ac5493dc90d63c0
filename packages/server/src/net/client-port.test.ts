import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { Accepted } from './accept.ts';
import { ClientPort } from './client-port.ts';

const place = { port: 0, address: '127.0.0.1', backlog: -1, keepAlive: false };
const opened: { close(): void }[] = [];
const sockets: Socket[] = [];
const said: string[] = [];

async function portOf(): Promise<ClientPort> {
  const port = new ClientPort(place, {
    onClient: ({ socket }: Accepted) => {
      sockets.push(socket);
      socket.on('error', () => {});
      socket.write('hello');
    },
    onMoved: (number) => void said.push(`moved to ${number}`),
    onNotice: (text) => void said.push(text),
  });
  opened.push(port);
  await port.open();
  return port;
}

async function occupied(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return { server, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

function greetingAt(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('data', (chunk) => resolve(String(chunk)));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  });
}

afterEach(() => {
  for (const one of opened.splice(0)) one.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  said.length = 0;
});

it('is where it was last moved to, and those who were connected stay', async () => {
  const port = await portOf();
  const before = port.port;
  expect(await greetingAt(before)).toBe('hello');
  const { server, port: next } = await occupied();
  await new Promise((resolve) => server.close(resolve));
  port.move({ host: '127.0.0.1', port: next });
  await expect.poll(() => said).toEqual([`moved to ${next}`]);
  expect(port.port).toBe(next);
  expect(await greetingAt(next)).toBe('hello');
  expect(await greetingAt(before)).toBe('ECONNREFUSED');
  expect(sockets.some((socket) => !socket.destroyed)).toBe(true);
});

it('may be the same port at all addresses, and does not move to where it is', async () => {
  const port = await portOf();
  const { port: number } = port;
  port.move({ host: '0.0.0.0', port: number });
  await expect.poll(() => said).toEqual([`moved to ${number}`]);
  port.move({ host: '0.0.0.0', port: number });
  expect(port.port).toBe(number);
});

it('waits for a port that is taken, and says so once', async () => {
  const port = await portOf();
  const { server, port: taken } = await occupied();
  port.move({ host: '127.0.0.1', port: taken });
  await expect.poll(() => said).toEqual([expect.stringContaining(`${taken} is in use`)]);
  await new Promise((resolve) => server.close(resolve));
  await expect.poll(() => said.at(-1), { timeout: 5000 }).toBe(`moved to ${taken}`);
  expect(said).toHaveLength(2);
});

it('goes on to another while it waits', async () => {
  const port = await portOf();
  const { port: taken } = await occupied();
  const { server, port: free } = await occupied();
  port.move({ host: '127.0.0.1', port: taken });
  await new Promise((resolve) => server.close(resolve));
  port.move({ host: '127.0.0.1', port: free });
  await expect.poll(() => said.at(-1)).toBe(`moved to ${free}`);
  expect(await greetingAt(free)).toBe('hello');
});
