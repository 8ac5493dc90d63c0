/** The codecs of every host, and what Node.js can pack. */
import type { Codec } from '../codecs/codec.ts';
import { type Codecs, codecs as everywhere } from '../codecs/codecs.ts';
import { gzip } from './gzip.ts';

export const codecs: Codecs & { gzip<T>(inner: Codec<T>): Codec<T> } = { ...everywhere, gzip };
