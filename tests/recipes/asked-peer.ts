/** A foreign program that does one step when it is asked: a line in, a line out, one after the other. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { mortal } from '../support/peers-process.ts';
import type { PeerCommand } from '../support/peers-report.ts';

export class AskedPeer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve(text: string): void; reject(error: Error): void }[] = [];
  #said = '';

  constructor({ command, args, env }: PeerCommand, ...more: string[]) {
    this.#child = spawn(...mortal(command, [...args, ...more]), {
      env: { ...process.env, ...env },
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = `${this.#said}${text}`.slice(-4000);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#answered(line));
    this.#child.stdin.on('error', () => {});
    this.#child.on('exit', (code) => {
      const error = new Error(`${command} has ended with ${code}: ${this.#said}`);
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  ask(...step: (string | number)[]): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${step.join('\t')}\n`);
    });
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.on('exit', resolve));
    if (this.#child.exitCode !== null) return;
    this.#child.stdin.end();
    await ended;
  }

  #answered(line: string): void {
    const [outcome, text = ''] = line.split('\t');
    const waiting = this.#waiting.shift();
    if (outcome === 'ok') waiting?.resolve(text);
    else waiting?.reject(new Error(`${line}\n${this.#said}`));
  }
}
