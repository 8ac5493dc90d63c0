/** The data of nodes as programs get it; on Node a Buffer. Only here does the client name its type. */
export type Bytes = Buffer;
