/** Several servers on the loopback, each with a directory, a zoo.cfg and a myid of its own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { askServer } from '../status/ask-server.ts';
import { readStatus } from '../status/server-status.ts';
import { DevMember, type DevMemberEvents } from './dev-member.ts';
import { freePorts } from './free-port.ts';

export interface DevEnsembleOptions {
  readonly voters: number;
  readonly observers: number;
  /** Of the first server; the others follow. 0 takes free ones. */
  readonly port: number;
  readonly directory: string;
}

const HOST = '127.0.0.1';
const LOOK_MS = 250;
const ANSWER_MS = 1000;

export class DevEnsemble {
  readonly members: readonly DevMember[];

  private constructor(members: readonly DevMember[]) {
    this.members = members;
  }

  static async start(options: DevEnsembleOptions, events: DevMemberEvents): Promise<DevEnsemble> {
    const { voters, observers, port, directory } = options;
    const count = voters + observers;
    const free = await freePorts(3 * count);
    const lines = Array.from({ length: count }, (_, i) => {
      const role = i < voters ? 'participant' : 'observer';
      return `server.${i + 1}=${HOST}:${free[3 * i]}:${free[3 * i + 1]}:${role}`;
    });
    const members = lines.map((_, i) => {
      const clientPort = port === 0 ? free[3 * i + 2]! : port + i;
      const own = join(directory, `${i + 1}`);
      prepare(own, i + 1, clientPort, lines);
      return new DevMember(i + 1, clientPort, own, events);
    });
    for (const member of members) member.start();
    return new DevEnsemble(members);
  }

  get connectString(): string {
    return this.members.map(({ port }) => `${HOST}:${port}`).join(',');
  }

  /** The member that leads now; null for none. */
  async leader(): Promise<DevMember | null> {
    const roles = await Promise.all(this.members.map((member) => roleOf(member)));
    return this.members[roles.indexOf('leader')] ?? null;
  }

  /** Waits until a leader is there, and says who, now and whenever it is another. */
  async watchLeader(isOver: () => boolean, onLeader: (leader: DevMember) => void): Promise<void> {
    let known: string | null = null;
    while (!isOver()) {
      const leader = await this.leader();
      const name = leader === null ? null : `${leader.id} ${leader.pid}`;
      if (leader !== null && name !== known && !isOver()) onLeader(leader);
      known = name ?? known;
      await sleep(LOOK_MS);
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.members.map((member) => member.end()));
  }

  kill(): void {
    for (const member of this.members) member.kill();
  }
}

function prepare(directory: string, id: number, port: number, lines: readonly string[]): void {
  const dataDir = join(directory, 'data');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(join(dataDir, 'myid'), `${id}\n`);
  const text = [
    'tickTime=2000',
    'initLimit=10',
    'syncLimit=5',
    `dataDir=${dataDir}`,
    `clientPort=${port}`,
    `clientPortAddress=${HOST}`,
    'autopurge.purgeInterval=1',
    ...lines,
    '',
  ].join('\n');
  writeFileSync(join(directory, 'zoo.cfg'), text);
}

async function roleOf({ port }: DevMember): Promise<string | null> {
  try {
    const status = readStatus(await askServer({ host: HOST, port }, 'srvr', ANSWER_MS));
    return typeof status === 'string' ? null : status.role;
  } catch {
    return null;
  }
}
