/** Who a connection is: every identity it has proved, in the order in which it did. */
export interface Identity {
  readonly scheme: string;
  readonly id: string;
}

/** A connection's identities as requests see them; replaced, never changed, when one is added. */
export class Identities {
  readonly list: readonly Identity[];
  readonly isSuper: boolean;

  constructor(list: readonly Identity[]) {
    this.list = list;
    this.isSuper = list.some((identity) => identity.scheme === 'super');
  }

  with(added: readonly Identity[]): Identities {
    const fresh = added.filter(
      (one) => !this.list.some((known) => known.scheme === one.scheme && known.id === one.id),
    );
    return fresh.length === 0 ? this : new Identities([...this.list, ...fresh]);
  }
}
