import { formatAddress } from '../../consensus/address.ts';
import { formatAmount } from '../../consensus/amount.ts';
import type { Call, Deploy } from '../../consensus/contract-transaction.ts';
import { decodeHeader } from '../../consensus/header.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import {
  type Coinbase,
  decodeTransaction,
  type SignedTransaction,
  type Transaction,
  type Transfer,
} from '../../consensus/transaction.ts';

/** A part of encoded bytes, and what it means. */
export interface ByteField {
  /** Names the field's texts. */
  readonly key: FieldKey;
  /** Hex digits, as they are encoded. */
  readonly hex: string;
  /** As people write it; null where the bytes say it all. */
  readonly value: string | null;
}

export type FieldKey =
  | 'version'
  | 'prevHash'
  | 'merkleRoot'
  | 'time'
  | 'bits'
  | 'headerNonce'
  | 'kind'
  | 'networkId'
  | 'senderKey'
  | 'accountNonce'
  | 'recipient'
  | 'amount'
  | 'fee'
  | 'memoLength'
  | 'contract'
  | 'gas'
  | 'format'
  | 'sourceLength'
  | 'source'
  | 'methodLength'
  | 'method'
  | 'argsLength'
  | 'args'
  | 'memo'
  | 'signature'
  | 'height'
  | 'reward'
  | 'stateRoot'
  | 'extraNonce'
  | 'tagLength'
  | 'tag';

const MS_PER_SECOND = 1_000;
const BITS_DIGITS = 8;

/** The 80 bytes of a header, field by field. Throws `DecodeError`. */
export function dissectHeader(raw: string): ByteField[] {
  const { version, prevHash, merkleRoot, time, bits, nonce } = decodeHeader(hexToBytes(raw));
  return cut(raw, [
    ['version', 4, String(version)],
    ['prevHash', 32, prevHash],
    ['merkleRoot', 32, merkleRoot],
    ['time', 4, new Date(time * MS_PER_SECOND).toISOString()],
    ['bits', 4, `0x${bits.toString(16).padStart(BITS_DIGITS, '0')}`],
    ['headerNonce', 4, String(nonce)],
  ]);
}

/** The bytes of a transaction, field by field. Throws `DecodeError`. */
export function dissectTransaction(raw: string, addressPrefix: string): ByteField[] {
  const transaction = decodeTransaction(hexToBytes(raw));
  return cut(raw, layoutOf(transaction, addressPrefix));
}

function layoutOf(transaction: Transaction, prefix: string): Layout {
  switch (transaction.kind) {
    case 'coinbase':
      return coinbaseLayout(transaction, prefix);
    case 'transfer':
      return transferLayout(transaction, prefix);
    case 'deploy':
      return deployLayout(transaction, prefix);
    default:
      return callLayout(transaction, prefix);
  }
}

type Layout = readonly (readonly [key: FieldKey, bytes: number, value: string | null])[];

function coinbaseLayout({ height, recipient, reward, tag }: Coinbase, prefix: string): Layout {
  return [
    ['kind', 1, 'coinbase'],
    ['height', 4, String(height)],
    ['recipient', 20, formatAddress(recipient, prefix)],
    ['reward', 8, formatAmount(reward)],
    ['stateRoot', 32, null],
    ['extraNonce', 8, null],
    ['tagLength', 1, String(tag.length)],
    ['tag', tag.length, textOf(tag)],
  ];
}

function senderLayout({ kind, networkId, sender, nonce }: SignedTransaction, prefix: string): Layout {
  return [
    ['kind', 1, kind],
    ['networkId', 4, networkId],
    ['senderKey', 32, formatAddress(sender, prefix)],
    ['accountNonce', 8, String(nonce)],
  ];
}

function deployLayout(deploy: Deploy, prefix: string): Layout {
  const { amount, fee, gas, source, args } = deploy;
  return [
    ...senderLayout(deploy, prefix),
    ['amount', 8, formatAmount(amount)],
    ['fee', 8, formatAmount(fee)],
    ['gas', 4, String(gas)],
    ['format', 1, '0'],
    ['sourceLength', 2, String(source.length)],
    ['source', source.length, textOf(source)],
    ['argsLength', 2, String(args.length)],
    ['args', args.length, null],
    ['signature', 64, null],
  ];
}

function callLayout(call: Call, prefix: string): Layout {
  const { contract, amount, fee, gas, method, args } = call;
  return [
    ...senderLayout(call, prefix),
    ['contract', 20, formatAddress(contract, prefix)],
    ['amount', 8, formatAmount(amount)],
    ['fee', 8, formatAmount(fee)],
    ['gas', 4, String(gas)],
    ['methodLength', 1, String(method.length)],
    ['method', method.length, textOf(method)],
    ['argsLength', 2, String(args.length)],
    ['args', args.length, null],
    ['signature', 64, null],
  ];
}

function transferLayout(transfer: Transfer, prefix: string): Layout {
  const { recipient, amount, fee, memo } = transfer;
  return [
    ...senderLayout(transfer, prefix),
    ['recipient', 20, formatAddress(recipient, prefix)],
    ['amount', 8, formatAmount(amount)],
    ['fee', 8, formatAmount(fee)],
    ['memoLength', 2, String(memo.length)],
    ['memo', memo.length, textOf(memo)],
    ['signature', 64, null],
  ];
}

function cut(raw: string, layout: Layout): ByteField[] {
  let offset = 0;
  const fields: ByteField[] = [];
  for (const [key, bytes, value] of layout) {
    const hex = raw.slice(2 * offset, 2 * (offset + bytes));
    if (bytes > 0) fields.push({ key, hex, value });
    offset += bytes;
  }
  return fields;
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
