/**
 * Applications on foreign clients, unmodified, that go on working while servers come and go under
 * them: they count under a lock until they are told to end.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Ensemble } from '../ensemble/ensemble.ts';
import { repositoryRoot } from '../support/peers-cache.ts';
import { javaPeer } from '../support/peers-java.ts';
import { mortal } from '../support/peers-process.ts';
import { kazooPeer } from '../support/peers-python.ts';
import type { PeerCommand } from '../support/peers-report.ts';

interface Account {
  /** How often it was told that it had counted. */
  readonly done: number;
  /** How often it was not told. */
  readonly unknown: number;
  /** How often its session was lost. */
  readonly lost: number;
  /** What the counter says. */
  readonly value: number;
}

const END_MS = 60_000;

export class Worker {
  readonly name: string;
  readonly #ended: Promise<string>;
  readonly #end: () => void;

  private constructor(name: string, ended: Promise<string>, end: () => void) {
    this.name = name;
    this.#ended = ended;
    this.#end = end;
  }

  static async kazoo(ensemble: Ensemble): Promise<Worker> {
    const program = join(repositoryRoot, 'tests/chaos/python/kazoo_worker.py');
    const peer = await kazooPeer();
    return Worker.#start('kazoo', { ...peer, args: [program] }, ensemble);
  }

  static async curator(ensemble: Ensemble): Promise<Worker> {
    return Worker.#start('Curator', await javaPeer('CuratorWorker'), ensemble);
  }

  static #start(name: string, peer: PeerCommand, ensemble: Ensemble): Worker {
    const hosts = ensemble.ids.map((id) => `127.0.0.1:${ensemble.portOf(id)}`).join();
    const child = spawn(...mortal(peer.command, peer.args), {
      env: { ...process.env, ...peer.env, WORKER_HOSTS: hosts },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let printed = '';
    let complaints = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints = (complaints + text).slice(-4000);
    });
    child.stdin.on('error', () => {});
    const ended = new Promise<string>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code) => {
        if (code === 0) resolve(printed);
        else reject(new Error(`the worker on ${name} ended with ${code}:\n${complaints}`));
      });
    });
    ended.catch(() => {});
    const end = (): void => {
      child.stdin.end();
      setTimeout(() => child.kill('SIGKILL'), END_MS).unref();
    };
    return new Worker(name, ended, end);
  }

  /** It ends its work; its account must be right: it worked, and nothing it was told is lost. */
  async end(): Promise<Account> {
    this.#end();
    const account = JSON.parse(await this.#ended) as Account;
    const { done, unknown, value } = account;
    expect(done, `${this.name} has worked`).toBeGreaterThan(0);
    expect(value, `${this.name} has lost a count`).toBeGreaterThanOrEqual(done);
    expect(value, `${this.name} has counted what it never asked for`).toBeLessThanOrEqual(
      done + unknown,
    );
    return account;
  }
}
