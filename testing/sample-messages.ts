import { REGTEST } from '../consensus/networks.ts';
import type { Transfer } from '../consensus/transaction.ts';
import { makeCompactBlock } from '../protocol/compact.ts';
import type { Message } from '../protocol/messages.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from './chain-builder.ts';

/** One message of every kind, always the same: what the wire vectors are made of. */
export function sampleMessages(): Message[] {
  const genesis = genesisPoint(REGTEST);
  const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];
  const transfers: Transfer[] = [
    transferAt(genesis, alice, bob.address, { amount: 1_000_000_000n, fee: 1_000n }),
    transferAt(genesis, bob, alice.address, { amount: 1n, fee: 2_000n, memo: new Uint8Array([1, 2, 3]) }),
  ];
  const point = mineBlock(genesis, { transfers });
  const { block, chainWork } = point;
  const txids = transfers.map(({ txid }) => txid);
  return [
    {
      type: 'hello',
      version: 1,
      genesisHash: REGTEST.genesis.hash,
      nonce: 0x0123_4567_89ab_cdefn,
      tipHash: block.hash,
      height: 1,
      chainWork,
      listenUrl: 'http://127.0.0.1:5000',
      userAgent: 'forklore/0.1.0',
    },
    { type: 'ping', nonce: 1n },
    { type: 'pong', nonce: 1n },
    { type: 'getAddresses' },
    { type: 'addresses', urls: ['http://127.0.0.1:5001', 'https://node.example.org:443'] },
    { type: 'getHeaders', locator: [block.hash, REGTEST.genesis.hash], stop: '0'.repeat(64) },
    { type: 'headers', headers: [block.header] },
    { type: 'inv', txids },
    { type: 'getTransactions', txids },
    { type: 'transactions', transactions: transfers },
    { type: 'notFound', what: 'block', hashes: [block.hash] },
    { type: 'getBlocks', blockHashes: [block.hash] },
    { type: 'block', raw: block.raw },
    makeCompactBlock(block, 42n, (txid) => txid === txids[1]),
    { type: 'getBlockTransactions', blockHash: block.hash, positions: [0, 1] },
    { type: 'blockTransactions', blockHash: block.hash, transactions: transfers },
    { type: 'bye', code: 4000, reason: 'the node is shutting down' },
  ];
}
