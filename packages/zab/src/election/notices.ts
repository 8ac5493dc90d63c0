/** What operators should read in the log, until somebody takes it. */
export interface Notice {
  readonly level: 'info' | 'warn';
  readonly text: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

export class Notices {
  #waiting: Notice[] = [];

  add(level: Notice['level'], text: string, facts: Notice['facts']): void {
    this.#waiting.push({ level, text, facts });
  }

  take(): readonly Notice[] {
    const taken = this.#waiting;
    if (taken.length > 0) this.#waiting = [];
    return taken;
  }
}
