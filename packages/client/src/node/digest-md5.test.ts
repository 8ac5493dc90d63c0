import { readFileSync } from 'node:fs';
import { decodeUtf8, encodeUtf8 } from '@zabra/wire';
import { describe, expect, it } from 'vitest';
import { digestMd5 } from './digest-md5.ts';

interface Exchange {
  readonly name: string;
  readonly request_hex: string;
  readonly response_hex: string;
}

// Recorded between a client and Apache ZooKeeper with DIGEST-MD5.
const golden: readonly Exchange[] = JSON.parse(
  readFileSync(new URL('../../../../tests/golden/client-protocol.json', import.meta.url), 'utf8'),
);

function tokenIn(hex: string, offset: number): Uint8Array {
  return Buffer.from(hex, 'hex').subarray(offset);
}

function recorded(name: string): Exchange {
  return golden.find((exchange) => exchange.name === name)!;
}

const challenge = tokenIn(recorded('sasl.digest.1_initial').response_hex, 20);
const proof = tokenIn(recorded('sasl.digest.2_response').response_hex, 20);
const answered = decodeUtf8(tokenIn(recorded('sasl.digest.2_response').request_hex, 12));

const mechanism = digestMd5(
  { username: 'bob', password: 'bobsecret' },
  () => /cnonce="([^"]*)"/.exec(answered)![1]!,
);
const place = { host: 'localhost', port: 2181 };

describe('DIGEST-MD5', () => {
  it('answers as other clients do, and knows a server that knows the password', async () => {
    const exchange = mechanism.exchange(place);
    expect(await exchange.begin()).toHaveLength(0);
    const answer = decodeUtf8((await exchange.respond(challenge))!);
    const response = /response=(\w{32})/.exec(answered)![1]!;
    expect(answer).toContain(`response=${response}`);
    expect(answer).toContain('realm="zk-sasl-md5"');
    expect(answer).toContain('digest-uri="zookeeper/zk-sasl-md5"');
    expect(await exchange.respond(proof)).toBeNull();
  });

  it('does not believe a server that only says so', () => {
    const exchange = mechanism.exchange(place);
    void exchange.respond(challenge);
    expect(() => exchange.respond(encodeUtf8(`rspauth=${'0'.repeat(32)}`))).toThrow(
      /did not prove/,
    );
  });

  it('refuses challenges that it cannot answer', () => {
    expect(() => mechanism.exchange(place).respond(encodeUtf8('realm="x"'))).toThrow(/no nonce/);
    const other = encodeUtf8('nonce="a",algorithm=sha-256');
    expect(() => mechanism.exchange(place).respond(other)).toThrow(/wants sha-256/);
  });

  it('puts quotes and backslashes where they belong', async () => {
    const exchange = digestMd5({ username: 'a"b\\c', password: '' }).exchange(place);
    const answer = decodeUtf8((await exchange.respond(encodeUtf8('nonce="x\\"y"')))!);
    expect(answer).toContain('username="a\\"b\\\\c"');
    expect(answer).toContain('nonce="x\\"y"');
  });
});
