/** The public list of the client on Node.js. */
export { codecs } from './node/codecs.ts';
export {
  type ConnectOptions,
  connect,
  createClient,
  type SaslOptions,
  type TlsOptions,
} from './node/connect.ts';
export type { DigestCredentials } from './node/digest-md5.ts';
export type { HostResolver } from './node/host-resolver.ts';
export * from './public.ts';
