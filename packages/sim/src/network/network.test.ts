import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { EventKind } from '../time/event-kind.ts';
import { Random } from '../time/random.ts';
import { Scheduler } from '../time/scheduler.ts';
import type { NetworkDoor } from './end.ts';
import { Network, type NetworkWeather } from './network.ts';

const WEATHER: NetworkWeather = {
  latencyMs: 1,
  jitterMs: 1,
  chunking: 'mixed',
  bufferBytes: 256,
};
const PORT = 1;
const TIMEOUT_MS = 1000;

/** A machine that writes down what it is told. */
class Machine implements NetworkDoor {
  readonly told: string[] = [];
  readonly bytes: number[] = [];
  link = -1;

  onAccepted(link: number, port: number, caller: number): void {
    this.link = link;
    this.told.push(`accepted on ${port} from ${caller}`);
  }

  onDialed(dial: number, link: number): void {
    this.link = link;
    this.told.push(`dialed ${dial}`);
  }

  onDialFailed(dial: number, failure: string): void {
    this.told.push(`dial ${dial}: ${failure}`);
  }

  onReceived(_link: number, bytes: Uint8Array): void {
    this.bytes.push(...bytes);
  }

  onEnded(): void {
    this.told.push('ended');
  }

  onClosed(): void {
    this.told.push('closed');
  }

  onRoom(): void {
    this.told.push('room');
  }
}

class Net {
  readonly scheduler = new Scheduler(Random.of(5));
  readonly machines = [new Machine(), new Machine()];
  readonly network: Network;

  constructor(weather: Partial<NetworkWeather> = {}, seed = 1) {
    const all = { ...WEATHER, ...weather };
    this.network = new Network(2, all, this.scheduler, Random.of(seed), {
      wake: (host) => this.scheduler.schedule(this.scheduler.nowMs, EventKind.Turn, host),
    });
  }

  run(forMs = 10_000): void {
    const { scheduler, network, machines } = this;
    const untilMs = scheduler.nowMs + forMs;
    while (scheduler.next(untilMs)) {
      const { kind, subject } = scheduler;
      if (kind === EventKind.Arrive) network.onArrive(subject);
      else if (kind === EventKind.Dial) network.onDial(subject);
      else if (kind === EventKind.Answer) network.onAnswer(subject);
      else if (kind === EventKind.Reset) network.onReset(subject);
      else network.drain(subject, machines[subject]!);
    }
    scheduler.nowMs = untilMs;
  }

  connect(): void {
    this.network.listen(1, PORT, true);
    this.network.dial(0, 1, PORT, 7, TIMEOUT_MS);
    this.run();
  }
}

const counting = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => i);

describe('a call', () => {
  it.each<[what: string, prepare: (net: Net) => void, told: string]>([
    ['is answered', ({ network }) => network.listen(1, PORT, true), 'dialed 7'],
    ['is refused where nobody listens', () => {}, 'dial 7: refused'],
    [
      'is heard by nobody where the way is cut',
      ({ network }) => network.paths.cut(0, 1),
      'dial 7: timed out',
    ],
    [
      'is given up where the answer does not come back',
      ({ network }) => {
        network.listen(1, PORT, true);
        network.paths.cut(1, 0);
      },
      'dial 7: timed out',
    ],
    ['is heard by nobody without power', ({ network }) => network.darken(1), 'dial 7: timed out'],
    [
      'goes nowhere without a name',
      ({ network }) => network.loseName(1, 1),
      'dial 7: name not resolved',
    ],
    [
      'is refused where descriptors have run out',
      ({ network }) => {
        network.listen(1, PORT, true);
        network.fill(1, 1);
      },
      'dial 7: refused',
    ],
  ])('%s', (_what, prepare, told) => {
    const net = new Net();
    prepare(net);
    net.network.dial(0, 1, PORT, 7, TIMEOUT_MS);
    net.run();
    expect(net.machines[0]!.told).toEqual([told]);
  });

  it('that was hung up is answered no more, whenever that was', () => {
    for (let afterMs = 0; afterMs < 4; afterMs += 0.1) {
      const net = new Net();
      net.network.listen(1, PORT, true);
      net.network.dial(0, 1, PORT, 7, TIMEOUT_MS);
      net.run(afterMs);
      if (net.machines[0]!.told.length > 0) return;
      net.network.hangUp(0, 7);
      net.run();
      expect(net.machines[0]!.told).toEqual([]);
    }
  });
});

describe('a connection', () => {
  let net: Net;
  let one: Machine;
  let other: Machine;
  beforeEach(() => {
    net = new Net();
    net.connect();
    [one, other] = net.machines as [Machine, Machine];
  });

  it('brings every byte once and in order, however it is cut', () => {
    const property = fc.property(
      fc.array(fc.nat({ max: 400 }), { maxLength: 8 }),
      fc.constantFrom('whole', 'small', 'mixed'),
      fc.nat(),
      (lengths, chunking, seed) => {
        const here = new Net({ chunking, bufferBytes: 4096 }, seed);
        here.connect();
        const sent: number[] = [];
        for (const length of lengths) {
          const bytes = counting(length);
          expect(here.network.write(here.machines[0]!.link, bytes, 0, length)).toBe(length);
          sent.push(...bytes);
          here.run(seed % 7);
        }
        here.network.shutDown(here.machines[0]!.link);
        here.run();
        expect(here.machines[1]!.bytes).toEqual(sent);
        expect(here.machines[1]!.told.at(-1)).toBe('ended');
      },
    );
    fc.assert(property, { numRuns: 50 });
  });

  it('takes no more than its buffers hold, and tells when there is room', () => {
    net.network.setReading(other.link, false);
    expect(net.network.write(one.link, counting(200), 0, 200)).toBe(200);
    expect(net.network.write(one.link, counting(200), 0, 200)).toBe(56);
    net.run();
    expect([other.bytes.length, one.told.includes('room')]).toEqual([0, false]);
    net.network.setReading(other.link, true);
    net.run();
    expect([other.bytes.length, one.told.includes('room')]).toEqual([256, true]);
  });

  it('says nothing while a way is cut, and goes on when it is mended', () => {
    net.network.paths.cut(0, 1);
    net.network.write(one.link, counting(10), 0, 10);
    net.network.write(other.link, counting(3), 0, 3);
    net.run();
    // The other way is open.
    expect([other.bytes.length, one.bytes.length]).toEqual([0, 3]);
    net.network.paths.mend(0, 1);
    net.network.mended(0, 1);
    net.run();
    expect(other.bytes).toEqual([...counting(10)]);
  });

  it('brings what was written before a close', () => {
    net.network.write(one.link, counting(20), 0, 20);
    net.network.close(one.link);
    net.run();
    expect([other.bytes.length, other.told.at(-1)]).toEqual([20, 'ended']);
  });

  it('is reset by whoever closes it without having read all', () => {
    net.network.setReading(one.link, false);
    net.network.write(other.link, counting(20), 0, 20);
    net.run();
    net.network.close(one.link);
    net.run();
    expect(other.told.at(-1)).toBe('closed');
  });

  it('resets whoever writes to one that was closed', () => {
    net.network.close(one.link);
    net.run();
    net.network.write(other.link, counting(5), 0, 5);
    net.run();
    expect(other.told).toEqual(['accepted on 1 from 0', 'ended', 'closed']);
  });

  it('resets whoever still sends to one that was closed, though a first reset was lost', () => {
    net.network.close(one.link);
    net.run();
    net.network.paths.cut(0, 1);
    net.network.write(other.link, counting(256), 0, 256);
    net.run();
    expect(other.told.at(-1)).toBe('ended');
    net.network.paths.mend(0, 1);
    net.network.mended(0, 1);
    net.run();
    expect(other.told.at(-1)).toBe('closed');
  });

  it('resets whoever writes to one that was severed, though it was not told', () => {
    net.network.paths.cut(0, 1);
    net.network.sever(one.link);
    net.run();
    net.network.paths.mend(0, 1);
    net.network.mended(0, 1);
    net.run();
    expect([one.told.at(-1), other.told.at(-1)]).toEqual(['closed', 'accepted on 1 from 0']);
    net.network.write(other.link, counting(5), 0, 5);
    net.run();
    expect(other.told.at(-1)).toBe('closed');
  });

  it('keeps some first part of its bytes when it is severed', () => {
    net.network.write(one.link, counting(100), 0, 100);
    net.run(1.5);
    net.network.sever(one.link);
    net.run();
    expect(other.bytes).toEqual([...counting(other.bytes.length)]);
    expect([one.told.at(-1), other.told.at(-1)]).toEqual(['closed', 'closed']);
  });

  it('brings bytes to the other end after its owner has given it up', () => {
    net.network.write(one.link, counting(10), 0, 10);
    net.network.freeze(one.link, net.scheduler.nowMs + 3000);
    net.network.lose(one.link);
    net.run(2000);
    expect([one.told.at(-1), other.bytes.length]).toEqual(['closed', 0]);
    net.run();
    expect([other.bytes.length, other.told.at(-1)]).toEqual([10, 'ended']);
  });

  it('that died with its machine is told of when it comes back', () => {
    net.network.darken(1);
    net.network.write(one.link, counting(10), 0, 10);
    net.run();
    expect(one.told).toEqual(['dialed 7']);
    net.network.lighten(1);
    net.run();
    expect(one.told).toEqual(['dialed 7', 'closed']);
  });
});
