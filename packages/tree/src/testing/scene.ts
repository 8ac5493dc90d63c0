/** A world with three clients, one of them a super user, and a few nodes to start from. */
import { type Acl, Opcode } from '@zabra/wire';
import type { ModelWrite } from './model.ts';
import { type Client, type RequestOf, World } from './world.ts';

const openAcl: readonly Acl[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

const identities = [
  [{ scheme: 'ip', id: '10.0.0.1' }],
  [{ scheme: 'digest', id: 'bob:hash' }],
  [{ scheme: 'super', id: '' }],
];

export class Scene {
  readonly world: World = new World({ extendedTypes: true });
  readonly #clients: Client[] = identities.map((list, i) => this.world.connect(`${i}`, list));

  constructor() {
    for (const path of ['/a', '/b', '/é', '/a/a', '/a/b', '/a/a/a', '/b/a']) {
      this.world.write(this.#clients[0]!, Opcode.Create2, {
        path,
        data: null,
        acl: openAcl,
        flags: 0,
      });
    }
  }

  /** Prepares a write, or for null the end of that client's session; a new one takes its place. */
  propose(who: number, write: ModelWrite | null): void {
    const client = this.#clients[who]!;
    if (write !== null) {
      this.world.propose(client, write.type, write.body as RequestOf<typeof write.type>);
      return;
    }
    this.world.propose(client, Opcode.CloseSession, {});
    this.#clients[who] = this.world.connect(client.name, client.identities.list);
  }
}
