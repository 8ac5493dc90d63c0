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
  /** Voters that a configuration must have at least. */
  readonly votersMin: number;
  /** Whether a member may have several addresses. */
  readonly multiAddressEnabled: boolean;
  /** The longest transaction that may be written. */
  readonly txnBytesMax: number;
}
