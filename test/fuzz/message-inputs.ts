import fc from 'fast-check';
import { encodeCoinbase, encodeTransfer } from '../../consensus/transaction.ts';
import { MAX_REASON_BYTES, MAX_URL_BYTES, MAX_USER_AGENT_BYTES } from '../../protocol/limits.ts';
import type { Message } from '../../protocol/messages.ts';
import { coinbaseFields, header, hexOf, transferFields, u16, u32, u64 } from '../consensus/arbitraries.ts';

const hash = hexOf(32);
const hashes = fc.array(hash, { maxLength: 6 });
const coinbase = coinbaseFields.map(encodeCoinbase);
const transfer = transferFields.map(encodeTransfer);
const transfers = fc.array(transfer, { maxLength: 4 });
const positions = fc.uniqueArray(u16, { maxLength: 5 }).map((list) => list.sort((a, b) => a - b));
const what = fc.constantFrom('transaction' as const, 'block' as const);

/** ASCII, so that a text has as many bytes as characters; up to exactly the limit. */
function textUpTo(maxBytes: number): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ maxLength: maxBytes, size: 'max' }),
    fc.constant('x'.repeat(maxBytes)),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  );
}

/** URLs as the wire has them, some of them strange. */
export const wireUrl: fc.Arbitrary<string> = fc.oneof(
  fc.integer({ min: 1, max: 65_535 }).map((port) => `http://127.0.0.1:${port}`),
  fc.constantFrom(
    'https://node.example.org:443',
    'https://node.example.org:443/nodes/1',
    'http://[::1]:5000',
    'http://[0:0:0:0:0:0:0:1]:5000',
    'http://1.2:1',
    'http://0x7f.1:80',
    'http://256.256.256.256:65535',
    'http://-.:00001',
    'http://...:1',
    'http://[:]:1',
    'http://xn--:1',
    'http://4294967296:1',
  ),
  fc
    .tuple(
      fc.constantFrom('http', 'https'),
      fc.stringMatching(/^[a-z0-9.-]{1,20}$/),
      fc.integer({ min: 1, max: 65_535 }),
    )
    .map(([scheme, host, port]) => `${scheme}://${host}:${port}`),
  fc.constant(`http://${'a'.repeat(MAX_URL_BYTES - 9)}:1`),
);

const compactBlock = fc
  .record({
    header,
    nonce: u64,
    coinbase,
    shortIds: fc.array(fc.nat(2 ** 48 - 1), { maxLength: 5 }),
    prefilled: fc.array(transfer, { maxLength: 3 }),
    gaps: fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }),
  })
  .map(({ prefilled, gaps, shortIds, ...rest }): Message => {
    // Positions ascend, and lie below the number of all transfers.
    let next = 0;
    let spare = shortIds.length;
    const placed = prefilled.map((each, i) => {
      const gap = Math.min(gaps[i] ?? 0, spare);
      spare -= gap;
      next += gap;
      return { position: next++, transaction: each };
    });
    return { type: 'compactBlock', shortIds, prefilled: placed, ...rest };
  });

/** Well-formed messages of every kind, whatever they mean. */
export const validMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    version: u16,
    genesisHash: hash,
    nonce: u64,
    tipHash: hash,
    height: u32,
    chainWork: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    listenUrl: fc.option(wireUrl),
    userAgent: textUpTo(MAX_USER_AGENT_BYTES),
  }),
  fc.record({ type: fc.constantFrom('ping' as const, 'pong' as const), nonce: u64 }),
  fc.constant({ type: 'getAddresses' as const }),
  fc.record({ type: fc.constant('addresses' as const), urls: fc.array(wireUrl, { maxLength: 6 }) }),
  fc.record({ type: fc.constant('getHeaders' as const), locator: hashes, stop: hash }),
  fc.record({ type: fc.constant('headers' as const), headers: fc.array(header, { maxLength: 5 }) }),
  fc.record({ type: fc.constantFrom('inv' as const, 'getTransactions' as const), txids: hashes }),
  fc.record({ type: fc.constant('transactions' as const), transactions: transfers }),
  fc.record({ type: fc.constant('notFound' as const), what, hashes }),
  fc.record({ type: fc.constant('getBlocks' as const), blockHashes: hashes }),
  compactBlock,
  fc.record({ type: fc.constant('getBlockTransactions' as const), blockHash: hash, positions }),
  fc.record({ type: fc.constant('blockTransactions' as const), blockHash: hash, transactions: transfers }),
  fc.record({ type: fc.constant('bye' as const), code: u16, reason: textUpTo(MAX_REASON_BYTES) }),
);
