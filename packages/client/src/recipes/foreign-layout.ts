/** Nodes of another recipe, or of another layout of this one: neither would see what the other does. */
import { ZooKeeperError } from '../public.ts';

export class ForeignLayoutError extends ZooKeeperError {
  override readonly name = 'ForeignLayoutError';
  /** The node that betrays it. */
  readonly node: string;

  constructor(path: string, node: string, theirs: string, ours: string) {
    const message = `${path} has a child ${node}, which is ${theirs}; this program works with ${ours}, and neither would see what the other does. Use the same recipe, layout and kind everywhere, or another path (ForeignLayout)`;
    super('ForeignLayout', message, { path });
    this.node = node;
  }
}
