/** First in, first out, without moving what waits: what was taken is dropped in large pieces. */
const TAKEN_MAX = 1024;

export class Fifo<Item> {
  #items: Item[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  first(): Item | undefined {
    return this.#items[this.#head];
  }

  shift(): Item | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#head += 1;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > TAKEN_MAX && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  count(isWanted: (item: Item) => boolean): number {
    let count = 0;
    for (let i = this.#head; i < this.#items.length; i += 1) {
      if (isWanted(this.#items[i]!)) count += 1;
    }
    return count;
  }

  find(isWanted: (item: Item) => boolean): Item | undefined {
    for (let i = this.#head; i < this.#items.length; i += 1) {
      if (isWanted(this.#items[i]!)) return this.#items[i];
    }
    return undefined;
  }
}
