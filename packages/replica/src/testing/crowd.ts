/** Many clients of one mind at once, for what only shows in numbers. */
import type { ReplicaSettings } from '../settings.ts';
import { ScriptBody } from './script-body.ts';
import type { ScriptClient } from './script-client.ts';
import { parseWords } from './script-file.ts';
import { parseRequest } from './script-requests.ts';
import { scriptSettings } from './script-settings.ts';

export class Crowd {
  readonly body: ScriptBody;

  constructor(settings: Partial<ReplicaSettings> = {}) {
    this.body = new ScriptBody(
      { ...scriptSettings(), connectionsPerAddressMax: 0, ...settings },
      true,
    );
    this.body.takeSaid();
  }

  /** A client with a session. */
  open(name: string, timeoutMs = 40_000): ScriptClient {
    const client = this.body.connect(name, '127.0.0.1');
    this.body.send(client, client.hello({ timeoutMs }));
    return client;
  }

  openMany(prefix: string, count: number, timeoutMs = 40_000): ScriptClient[] {
    return Array.from({ length: count }, (_, i) => this.open(`${prefix}${i}`, timeoutMs));
  }

  /** Sends a request, given in words. */
  ask(client: ScriptClient, text: string): void {
    this.body.send(client, client.ask(parseRequest(parseWords(text))!));
  }

  askTimes(client: ScriptClient, count: number, text: string): void {
    const request = parseRequest(parseWords(text))!;
    for (let i = 0; i < count; i += 1) this.body.send(client, client.ask(request));
  }

  /** Comes to rest; what was said meanwhile. */
  settle(): string[] {
    this.body.settle();
    return this.body.takeSaid();
  }

  turn(): string[] {
    this.body.turn();
    return this.body.takeSaid();
  }
}

export function count(said: readonly string[], pattern: RegExp): number {
  return said.filter((line) => pattern.test(line)).length;
}
