import { readFileSync } from 'node:fs';

const manifest: unknown = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

/** The version in this package's own manifest. */
export const version: string = (manifest as { readonly version: string }).version;
