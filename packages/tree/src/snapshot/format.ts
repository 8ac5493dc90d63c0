/**
 * The snapshot file: header (int magic, int version, long dbid), sessions, access control lists,
 * nodes, and up to two more sections; a seal (long Adler-32 of everything before, string "/")
 * follows the nodes and each section.
 */
export const SNAPSHOT_MAGIC = 0x5a4b534e;
export const SNAPSHOT_VERSION = 2;
export const SEAL_BYTES = 13;
/** long zxid, int version, long digest. */
export const DIGEST_SECTION_BYTES = 20;
/** long zxid. */
export const ZXID_SECTION_BYTES = 8;
