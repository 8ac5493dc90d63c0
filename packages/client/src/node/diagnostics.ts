/**
 * What a client tells on channels of `node:diagnostics_channel`: `zookeeper:request`,
 * `zookeeper:connect` and `zookeeper:recipe` are tracing channels, `zookeeper:state` and
 * `zookeeper:watch` plain ones.
 */
import { channel, type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import type { Channel, Tracing } from '../connection/tracing.ts';

class TracedChannel<Trace extends object> implements Channel<Trace> {
  readonly #channels: TracingChannel<unknown, object>;

  constructor(name: string) {
    this.#channels = tracingChannel(name);
  }

  get isHeard(): boolean {
    const { start, end, asyncStart, asyncEnd, error } = this.#channels;
    return (
      start.hasSubscribers ||
      asyncEnd.hasSubscribers ||
      error.hasSubscribers ||
      end.hasSubscribers ||
      asyncStart.hasSubscribers
    );
  }

  begin(trace: Trace): void {
    this.#channels.start.publish(trace);
    this.#channels.end.publish(trace);
  }

  end(trace: Trace): void {
    this.#channels.asyncStart.publish(trace);
    this.#channels.asyncEnd.publish(trace);
  }

  fail(trace: Trace): void {
    this.#channels.error.publish(trace);
    this.end(trace);
  }
}

const states = channel('zookeeper:state');
const watches = channel('zookeeper:watch');

export const diagnostics: Tracing = {
  request: new TracedChannel('zookeeper:request'),
  connect: new TracedChannel('zookeeper:connect'),
  recipe: new TracedChannel('zookeeper:recipe'),
  get isStateHeard() {
    return states.hasSubscribers;
  },
  state: (event) => states.publish(event),
  get isWatchHeard() {
    return watches.hasSubscribers;
  },
  watch: (trace) => watches.publish(trace),
};
