/** The newest value for many readers, each at its own pace: values in between may be skipped. */
import { type Abortable, EventStream } from '../public.ts';

export class Newest<T> {
  readonly #readers = new Set<EventStream<T>>();
  #end: { readonly error: unknown } | null = null;

  push(value: T): void {
    for (const reader of [...this.#readers]) reader.push(value);
  }

  /** With an error, readers are told it behind what waits for them. */
  end(error?: unknown): void {
    this.#end ??= { error };
    for (const reader of [...this.#readers]) finish(reader, this.#end.error);
  }

  reader({ signal }: Pick<Abortable, 'signal'>): EventStream<T> {
    const end = (): void => reader.end();
    const reader = new EventStream<T>({
      max: 1,
      onFull: (queue, next) => queue.splice(0, queue.length, next),
      onReturn: () => {
        this.#readers.delete(reader);
        signal?.removeEventListener('abort', end);
      },
    });
    this.#readers.add(reader);
    if (this.#end !== null) finish(reader, this.#end.error);
    signal?.addEventListener('abort', end);
    if (signal?.aborted === true) end();
    return reader;
  }
}

function finish<T>(reader: EventStream<T>, error: unknown): void {
  if (error === undefined) reader.end();
  else reader.fail(error);
}
