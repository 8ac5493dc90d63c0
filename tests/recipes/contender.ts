/** A program of another language that contends as it is told: a command a line, an answer a line. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { PeerCommand } from '../support/peers-report.ts';

export class Contender {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;

  private constructor({ command, args, env }: PeerCommand, connectString: string) {
    this.#child = spawn(command, [...args, connectString], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    this.#lines = createInterface({ input: this.#child.stdout! });
    this.#answers = this.#lines[Symbol.asyncIterator]();
  }

  static async start(peer: PeerCommand, connectString: string): Promise<Contender> {
    const contender = new Contender(peer, connectString);
    const greeting = await contender.#answer();
    if (greeting !== 'ready') throw new Error(`the contender says: ${greeting}`);
    return contender;
  }

  ask(command: string): Promise<string> {
    this.#child.stdin!.write(`${command}\n`);
    return this.#answer();
  }

  /** As a power cut would. */
  kill(): void {
    this.#child.kill('SIGKILL');
    this.#lines.close();
  }

  async #answer(): Promise<string> {
    const { done, value } = await this.#answers.next();
    if (done === true) throw new Error('the contender has ended');
    return value;
  }
}
