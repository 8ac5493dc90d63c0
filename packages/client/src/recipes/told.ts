/** Tells the channel `zookeeper:recipe` of a step, if somebody listens. */
import { type RecipeTrace, recipeChannel, type ZooKeeper } from '../public.ts';

export async function told<T>(
  zk: ZooKeeper,
  recipe: string,
  step: string,
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  const channel = recipeChannel(zk);
  if (channel?.isHeard !== true) return work();
  const trace: RecipeTrace = { recipe, step, path };
  const startMs = performance.now();
  channel.begin(trace);
  try {
    const result = await work();
    channel.end(Object.assign(trace, { waitMs: performance.now() - startMs }));
    return result;
  } catch (error) {
    channel.fail(Object.assign(trace, { waitMs: performance.now() - startMs, error }));
    throw error;
  }
}
