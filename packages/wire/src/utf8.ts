/**
 * The two host globals that pure rooms may use, declared once. `ignoreBOM` keeps a leading U+FEFF,
 * which is a legal first character of a name.
 */
declare class TextEncoder {
  encode(text: string): Uint8Array;
}
declare class TextDecoder {
  constructor(label: string, options: { readonly ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Bytes that are not UTF-8 become U+FFFD, as they do in every other implementation. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
