/** What an operator may choose about the meaning of requests. */
export interface TreeSettings {
  /** TTL nodes are allowed; owners with the high byte 0xff are read as such. */
  readonly extendedTypes: boolean;
  readonly enforceQuota: boolean;
  readonly skipAcl: boolean;
  readonly digestEnabled: boolean;
  /** closeSession transactions list the paths they delete. */
  readonly closeSessionPaths: boolean;
  readonly digestSchemeEnabled: boolean;
  readonly reconfigEnabled: boolean;
  /** The longest transaction that may be written. */
  readonly txnBytesMax: number;
}
