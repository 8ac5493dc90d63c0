import type { Socket } from 'node:net';
import { asServerId, type Member } from '@zabra/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Loopback } from '../testing/loopback.ts';
import type {
  ElectionOrder,
  ElectionOutput,
  PeerDoor,
  QuorumOrder,
  QuorumOutput,
} from './peer-door.ts';
import { PEER_LINKS_MAX } from './peer-links.ts';
import { type PeerLoop, PeerNetwork, type PeerNetworkSettings } from './peer-network.ts';

const SETTINGS: PeerNetworkSettings = {
  electionCallMs: 1000,
  observerMasterPort: 0,
  bindTriesMax: 1,
  listensOnAll: false,
  keepAlive: true,
};

/** A mind that writes down what it is handed and says what the test wants it to, and its loop. */
class Script implements PeerDoor, PeerLoop {
  readonly told: string[] = [];
  readonly quorumOutputs: QuorumOutput[] = [];
  readonly quorumOrders: QuorumOrder[] = [];
  readonly electionOutputs: ElectionOutput[] = [];
  readonly electionOrders: ElectionOrder[] = [];
  inputs = 0;
  breaks = false;

  quorumOpened(link: number): void {
    this.#tell(`quorum opened ${link}`);
  }
  quorumReceived(link: number, chunk: Uint8Array): void {
    this.#tell(`quorum ${link} received ${Buffer.from(chunk).toString()}`);
  }
  quorumClosed(link: number): void {
    this.#tell(`quorum closed ${link}`);
  }
  dialed(dial: number, link: number): void {
    this.#tell(`dial ${dial} is ${link}`);
  }
  dialFailed(dial: number): void {
    this.#tell(`dial ${dial} failed`);
  }
  listenFailed(reason: string): void {
    this.#tell(`listen failed: ${reason}`);
  }
  recycleQuorum(output: QuorumOutput): void {
    this.#tell(`quorum ${output.link} sent ${output.byteCount}`);
  }
  electionOpened(link: number, dialed: bigint | null): void {
    this.#tell(`election opened ${link} ${dialed}`);
  }
  electionReceived(link: number, chunk: Uint8Array): void {
    this.#tell(`election ${link} received ${Buffer.from(chunk).toString()}`);
  }
  electionFlushed(link: number): void {
    this.#tell(`election flushed ${link}`);
  }
  electionClosed(link: number): void {
    this.#tell(`election closed ${link}`);
  }
  electionDialFailed(id: bigint): void {
    this.#tell(`election dial ${id} failed`);
  }
  takeQuorum(): readonly QuorumOutput[] {
    return this.quorumOutputs.splice(0);
  }
  takeQuorumOrders(): readonly QuorumOrder[] {
    return this.quorumOrders.splice(0);
  }
  takeElection(): readonly ElectionOutput[] {
    return this.electionOutputs.splice(0);
  }
  takeElectionOrders(): readonly ElectionOrder[] {
    return this.electionOrders.splice(0);
  }

  onPeerInput(): void {
    this.inputs += 1;
  }
  onPeerBreak(error: unknown): void {
    this.told.push(`broken: ${error instanceof Error ? error.message : ''}`);
  }
  onPeerNotice(_level: string, text: string): void {
    this.told.push(text);
  }
  onElectionPortFailed(reason: string): void {
    this.told.push(`election port failed: ${reason}`);
  }

  #tell(what: string): void {
    if (this.breaks) throw new Error('broken invariant: test');
    this.told.push(what);
  }
}

let loopback: Loopback;
let mind: Script;
let network: PeerNetwork;
let me: Member;

function makeNetwork(settings: Partial<PeerNetworkSettings> = {}): PeerNetwork {
  return new PeerNetwork(mind, mind, { ...SETTINGS, ...settings });
}

async function makeMember(): Promise<Member> {
  const quorumPort = await loopback.freePort();
  const electionPort = await loopback.freePort();
  return {
    id: asServerId(1n),
    role: 'participant',
    addresses: [{ host: '127.0.0.1', quorumPort, electionPort }],
    client: null,
    secureClient: null,
  };
}

beforeEach(async () => {
  loopback = new Loopback();
  mind = new Script();
  network = makeNetwork();
  me = await makeMember();
});

afterEach(() => {
  network.stop();
  loopback.close();
});

function told(...expected: readonly string[]): Promise<void> {
  return expect.poll(() => mind.told, { timeout: 3000 }).toEqual(expected);
}

function order(...orders: readonly QuorumOrder[]): void {
  mind.quorumOrders.push(...orders);
  network.take();
}

function orderElection(...orders: readonly ElectionOrder[]): void {
  mind.electionOrders.push(...orders);
  network.take();
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function outputTo(link: number, ...pieces: readonly string[]): QuorumOutput {
  return { link, pieces: pieces.map(bytes), byteCount: pieces.join('').length };
}

function heardBy(peer: Socket): () => string {
  let text = '';
  peer.on('data', (chunk) => {
    text += chunk.toString();
  });
  return () => text;
}

describe('the election port', () => {
  it('is open from the start, and hands in who calls', async () => {
    network.locate(me);
    await told('the election port is open');
    const peer = await loopback.connect(me.addresses[0]!.electionPort);
    peer.write('who I am');
    await told(
      'the election port is open',
      'election opened 1 null',
      'election 1 received who I am',
    );
    expect(mind.inputs).toBe(2);
    mind.electionOutputs.push({ link: 1, bytes: bytes('a vote') });
    const heard = heardBy(peer);
    network.take();
    await expect.poll(heard).toBe('a vote');
    expect(mind.told.at(-1)).toBe('election flushed 1');
    peer.destroy();
    await expect.poll(() => mind.told.at(-1)).toBe('election closed 1');
  });

  it('moves with its line, and with nothing else', async () => {
    network.locate(me);
    await told('the election port is open');
    network.locate({ ...me, role: 'observer' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(mind.told).toHaveLength(1);
    const moved = await makeMember();
    network.locate(moved);
    await told('the election port is open', 'the election port is open');
    await expect(loopback.connect(me.addresses[0]!.electionPort)).rejects.toThrow('ECONNREFUSED');
    await loopback.connect(moved.addresses[0]!.electionPort);
  });

  it('ends the server where it cannot be bound', async () => {
    const { port } = await loopback.listen(() => {});
    network.locate({ ...me, addresses: [{ ...me.addresses[0]!, electionPort: port }] });
    await told(
      `election port failed: the election port 127.0.0.1:${port} is in use: stop what listens there`,
    );
  });

  it('calls a server, sends what is for it, and hangs up', async () => {
    const accepted: Socket[] = [];
    const { port } = await loopback.listen((socket) => accepted.push(socket));
    const to = asServerId(2n);
    orderElection({ kind: 'dial', to, addresses: [{ host: '127.0.0.1', port }] });
    await told('election opened 1 2');
    const heard = heardBy(accepted[0]!);
    mind.electionOutputs.push({ link: 1, bytes: bytes('call me') });
    orderElection({ kind: 'closeLink', link: 1, reason: 'of the test' });
    await told('election opened 1 2', 'election flushed 1', 'hung up on a server');
    await expect.poll(heard).toBe('call me');
    await expect.poll(() => accepted[0]!.readableEnded).toBe(true);
  });

  it('says when nobody answers, and lets nobody wait for it', async () => {
    const port = await loopback.freePort();
    const there = await loopback.listen(() => {});
    network = makeNetwork({ lookUp: () => {}, electionCallMs: 300 });
    const gone = { kind: 'dial', to: asServerId(2n), addresses: [{ host: 'gone', port }] } as const;
    const reachable = [{ host: '127.0.0.1', port: there.port }];
    orderElection(gone, { kind: 'dial', to: asServerId(3n), addresses: reachable });
    await told('election opened 1 3', 'cannot reach a server', 'election dial 2 failed');
  });
});

describe('the quorum port', () => {
  it('is open while it is told to be', async () => {
    network.locate(me);
    const { quorumPort } = me.addresses[0]!;
    await expect(loopback.connect(quorumPort)).rejects.toThrow('ECONNREFUSED');
    order({ kind: 'listen' });
    await told('the election port is open', 'the quorum port is open');
    const peer = await loopback.connect(quorumPort);
    peer.write('a packet');
    await expect
      .poll(() => mind.told.slice(2))
      .toEqual(['quorum opened 1', 'quorum 1 received a packet']);
    order({ kind: 'stopListening' });
    await expect(loopback.connect(quorumPort)).rejects.toThrow('ECONNREFUSED');
    order({ kind: 'listen' });
    await expect.poll(() => mind.told.at(-1)).toBe('the quorum port is open');
    await loopback.connect(quorumPort);
    await expect.poll(() => mind.told.at(-1)).toBe('quorum opened 2');
  });

  it('says that it cannot be bound', async () => {
    const { port } = await loopback.listen(() => {});
    network.locate({ ...me, addresses: [{ ...me.addresses[0]!, quorumPort: port }] });
    order({ kind: 'listen' });
    await expect
      .poll(() => mind.told)
      .toContain(
        `listen failed: the quorum port 127.0.0.1:${port} is in use: stop what listens there`,
      );
  });

  it('sends outputs before it does what is ordered', async () => {
    const accepted: Socket[] = [];
    const { port } = await loopback.listen((socket) => accepted.push(socket));
    const addresses = [{ host: '127.0.0.1', quorumPort: port, electionPort: 1 }];
    order({ kind: 'dial', dial: 5, id: asServerId(2n), addresses, timeoutMs: 1000 });
    await told('dial 5 is 1');
    const heard = heardBy(accepted[0]!);
    mind.quorumOutputs.push(outputTo(1, 'one ', 'two ', 'three'), outputTo(9, 'nobody'));
    order({ kind: 'close', link: 1 });
    await told('dial 5 is 1', 'quorum 1 sent 13', 'quorum 9 sent 6');
    await expect.poll(heard).toBe('one two three');
    await expect.poll(() => accepted[0]!.readableEnded).toBe(true);
    expect(mind.told).toHaveLength(3);
  });

  it('forgets a call that was given up', async () => {
    const { port } = await loopback.listen(() => {});
    const addresses = [{ host: '127.0.0.1', quorumPort: port, electionPort: 1 }];
    const dial = { kind: 'dial', id: asServerId(2n), addresses, timeoutMs: 1000 } as const;
    order({ ...dial, dial: 5 }, { kind: 'hangUp', dial: 5 }, { ...dial, dial: 6 });
    await told('dial 6 is 1');
    const port2 = await loopback.freePort();
    order({ ...dial, dial: 7, addresses: [{ ...addresses[0]!, quorumPort: port2 }] });
    await told('dial 6 is 1', 'cannot reach a server', 'dial 7 failed');
  });

  it('takes in so many and no more', async () => {
    network.locate(me);
    order({ kind: 'listen' });
    await told('the election port is open', 'the quorum port is open');
    const { quorumPort } = me.addresses[0]!;
    for (let count = 0; count < PEER_LINKS_MAX; count += 1) await loopback.connect(quorumPort);
    await expect.poll(() => mind.told.at(-1)).toBe(`quorum opened ${PEER_LINKS_MAX}`);
    const late = await loopback.connect(quorumPort);
    await expect.poll(() => late.closed).toBe(true);
    expect(mind.told.at(-1)).toBe(`quorum opened ${PEER_LINKS_MAX}`);
  });
});

describe('PeerNetwork', () => {
  it('tells its loop of a mind that is broken', async () => {
    network.locate(me);
    await told('the election port is open');
    mind.breaks = true;
    await loopback.connect(me.addresses[0]!.electionPort);
    await told('the election port is open', 'broken: broken invariant: test');
  });

  it('hands nothing in once it was stopped', async () => {
    network.locate(me);
    order({ kind: 'listen' });
    await told('the election port is open', 'the quorum port is open');
    const { quorumPort, electionPort } = me.addresses[0]!;
    const peers = [await loopback.connect(quorumPort), await loopback.connect(electionPort)];
    await expect.poll(() => mind.told).toHaveLength(4);
    const port = await loopback.freePort();
    const addresses = [{ host: '127.0.0.1', quorumPort: port, electionPort: port }];
    order({ kind: 'dial', dial: 1, id: asServerId(2n), addresses, timeoutMs: 50 });
    network.stop();
    await expect.poll(() => peers.every(({ closed }) => closed)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(mind.told).toHaveLength(4);
    for (const gone of [quorumPort, electionPort]) {
      await expect(loopback.connect(gone)).rejects.toThrow('ECONNREFUSED');
    }
  });
});
