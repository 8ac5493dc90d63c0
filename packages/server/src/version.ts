/**
 * The version clients and monitors parse: the level of the protocol spoken, then our own. Some
 * clients switch features by it, so it must look like Apache's.
 */
import { readFileSync, statSync } from 'node:fs';

const manifestUrl = new URL('../package.json', import.meta.url);
const manifest = JSON.parse(readFileSync(manifestUrl, 'utf8')) as { readonly version: string };
const builtAt = statSync(manifestUrl).mtime.toISOString();

const PROTOCOL_LEVEL = '3.9.4';

export const protocolVersion: string = `${PROTOCOL_LEVEL}-zabra.${manifest.version}, built on ${builtAt.slice(0, 10)} ${builtAt.slice(11, 16)} UTC`;
