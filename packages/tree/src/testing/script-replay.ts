/** Transactions that scripts write down themselves, to be applied as recovery applies them. */
import {
  asSessionId,
  assert,
  asZxid,
  Opcode,
  type PartTxn,
  type Transaction,
  type TxnRecord,
} from '@zabra/wire';
import { type Command, parseWords, type Words } from './script-file.ts';
import { parseAcl, parseData } from './script-format.ts';
import type { Client } from './world.ts';

/** `replay create /a data parent=3 zxid=5`: the zxid and time are those of the options. */
export function parseTransaction(command: Command, client: Client, zxid: bigint): Transaction {
  const words = parseWords(command.text);
  const session = (BigInt(client.session.high) << 32n) | BigInt(client.session.low >>> 0);
  return {
    header: {
      clientId: asSessionId(session),
      cxid: 0,
      zxid: asZxid(BigInt(words.options.get('zxid') ?? zxid)),
      time: BigInt(words.options.get('time') ?? '5000'),
    },
    record: parseRecord(command, words),
    digest: null,
  };
}

function parseRecord(command: Command, words: Words): TxnRecord {
  const [, verb = '', path = '', rest = ''] = words.list;
  switch (verb) {
    case 'multi':
      return { type: Opcode.Multi, body: { txns: command.parts.map(parsePart) } };
    case 'setACL': {
      const version = Number(words.options.get('version') ?? 1);
      return { type: Opcode.SetAcl, body: { path, acl: parseAcl(rest), version } };
    }
    case 'createSession': {
      const timeoutMs = Number(words.options.get('timeout') ?? 10_000);
      return { type: Opcode.CreateSession, body: { timeoutMs } };
    }
    case 'closeSession': {
      const paths = words.list.slice(2);
      return {
        type: Opcode.CloseSession,
        body: { paths: words.options.has('bare') ? null : paths },
      };
    }
    default: {
      const change = parseChange(verb, path, rest, words);
      assert(change.type !== Opcode.Check, 'a check stands in a multi only');
      return change;
    }
  }
}

function parsePart(command: Command): PartTxn {
  const words = parseWords(command.text);
  const [verb = '', path = '', rest = ''] = words.list;
  return parseChange(verb, path, rest, words);
}

function parseChange(verb: string, path: string, rest: string, words: Words): PartTxn {
  const acl = parseAcl(words.options.get('acl') ?? 'world:anyone:cdrwa');
  const parentCversion = Number(words.options.get('parent') ?? -1);
  const data = parseData(words.options.get('data') ?? (isFlag(rest) ? '' : rest));
  const node = { path, data, acl, parentCversion };
  const ephemeral = words.list.includes('ephemeral');
  const version = Number(words.options.get('version') ?? 1);
  switch (verb) {
    case 'create':
      return { type: Opcode.Create, body: { ...node, ephemeral } };
    case 'create2':
      return { type: Opcode.Create2, body: { ...node, ephemeral } };
    case 'createContainer':
      return { type: Opcode.CreateContainer, body: node };
    case 'createTTL': {
      const ttl = BigInt(words.options.get('ttl') ?? 1);
      return { type: Opcode.CreateTtl, body: { ...node, ttl } };
    }
    case 'delete':
      return { type: Opcode.Delete, body: { path } };
    case 'deleteContainer':
      return { type: Opcode.DeleteContainer, body: { path } };
    case 'setData':
      return { type: Opcode.SetData, body: { path, data, version } };
    case 'check':
      return { type: Opcode.Check, body: { path, version } };
    default:
      assert(verb === 'error', `${verb} is a transaction`);
      return { type: Opcode.Error, body: { err: Number(path) } };
  }
}

function isFlag(word: string): boolean {
  return word === 'ephemeral';
}
