/**
 * SASL's DIGEST-MD5 (RFC 2831), as ZooKeeper's servers speak it: quality of protection `auth`, one
 * round. The server proves in the end that it knows the password as well.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { decodeUtf8, encodeUtf8 } from '@zabra/wire';
import type { SaslExchange, SaslMechanism } from '../connection/sasl.ts';

export interface DigestCredentials {
  readonly username: string;
  readonly password: string;
  /** Names of the service, where it is not ZooKeeper's own. */
  readonly service?: string;
  readonly serverName?: string;
}

const NONCE_COUNT = '00000001';
const PROTECTION = 'auth';
const NOTHING = new Uint8Array(0);

export function digestMd5(
  credentials: DigestCredentials,
  clientNonce: () => string = () => randomBytes(20).toString('base64'),
): SaslMechanism {
  return {
    name: 'DIGEST-MD5',
    exchange: () => new DigestExchange(credentials, clientNonce()),
  };
}

class DigestExchange implements SaslExchange {
  readonly #credentials: DigestCredentials;
  readonly #clientNonce: string;
  #proofOfServer: string | null = null;

  constructor(credentials: DigestCredentials, clientNonce: string) {
    this.#credentials = credentials;
    this.#clientNonce = clientNonce;
  }

  /** The server speaks first. */
  begin(): Uint8Array {
    return NOTHING;
  }

  respond(challenge: Uint8Array): Uint8Array | null {
    const directives = parseDirectives(decodeUtf8(challenge));
    if (this.#proofOfServer !== null) return this.#finish(directives.get('rspauth') ?? '');
    const nonce = directives.get('nonce');
    if (nonce === undefined) throw new Error('the server gave no nonce');
    const algorithm = directives.get('algorithm') ?? 'md5-sess';
    if (algorithm !== 'md5-sess') throw new Error(`the server wants ${algorithm}`);
    return encodeUtf8(this.#answerTo(nonce, directives.get('realm') ?? ''));
  }

  #answerTo(nonce: string, realm: string): string {
    const {
      username,
      password,
      service = 'zookeeper',
      serverName = 'zk-sasl-md5',
    } = this.#credentials;
    const clientNonce = this.#clientNonce;
    const uri = `${service}/${serverName}`;
    const secret = md5(`${username}:${realm}:${password}`);
    const a1 = md5(Buffer.concat([secret, Buffer.from(`:${nonce}:${clientNonce}`)]));
    const proof = (verb: string): string => {
      const a2 = md5(`${verb}:${uri}`).toString('hex');
      const parts = [nonce, NONCE_COUNT, clientNonce, PROTECTION, a2];
      return md5(`${a1.toString('hex')}:${parts.join(':')}`).toString('hex');
    };
    this.#proofOfServer = proof('');
    return [
      'charset=utf-8',
      `username=${quoted(username)}`,
      `realm=${quoted(realm)}`,
      `nonce=${quoted(nonce)}`,
      `nc=${NONCE_COUNT}`,
      `cnonce=${quoted(clientNonce)}`,
      `digest-uri=${quoted(uri)}`,
      `response=${proof('AUTHENTICATE')}`,
      `qop=${PROTECTION}`,
    ].join(',');
  }

  #finish(proof: string): null {
    const own = Buffer.from(this.#proofOfServer!);
    const given = Buffer.from(proof);
    if (own.length !== given.length || !timingSafeEqual(own, given)) {
      throw new Error('the server did not prove that it knows the password');
    }
    return null;
  }
}

function md5(input: string | Uint8Array): Buffer {
  return createHash('md5').update(input).digest();
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** `a="b",c=d` */
function parseDirectives(text: string): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  for (const [, name = '', quotedValue, bare = ''] of text.matchAll(
    /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^,\s]*))/g,
  )) {
    directives.set(name.toLowerCase(), quotedValue?.replace(/\\(.)/g, '$1') ?? bare);
  }
  return directives;
}
