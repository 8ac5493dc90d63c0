/** The judges of a history, for those who have lived one elsewhere than in a world of this room. */

export {
  type Ask,
  Journal,
  type Operation,
  type SessionLife,
} from '../people/journal.ts';
export { ModelTree } from './model-tree.ts';
export { differences, digestOf, type PlainNode, type PlainTree } from './plain-node.ts';
export { follows } from './server-log.ts';
export { completionOf, judgeSession } from './session-order.ts';
export { replay, type VersionOrder } from './version-order.ts';
export { judgeWatches } from './watch-order.ts';
