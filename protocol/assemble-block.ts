import { type Block, encodeBlock } from '../consensus/block.ts';
import { assertInvariant } from '../consensus/errors.ts';
import type { BlockHeader } from '../consensus/header.ts';
import { merkleRoot } from '../consensus/merkle.ts';
import { encodeCoinbase } from '../consensus/transaction.ts';
import type { Template } from './mining-job.ts';

/**
 * Puts a solution into its template.
 * @param solved header fields that a miner may choose; the Merkle root follows from the extra nonce
 */
export function assembleBlock(
  template: Template,
  extraNonce: Uint8Array,
  solved: Pick<BlockHeader, 'version' | 'time' | 'nonce'>,
): Block {
  const { coinbase, transactions } = template;
  const solvedCoinbase = encodeCoinbase({ ...coinbase, extraNonce });
  assertInvariant(solvedCoinbase.raw.length === coinbase.raw.length, 'the extra nonce has a fixed size');
  const txids = [solvedCoinbase.txid, ...transactions.map((transaction) => transaction.txid)];
  const { version, time, nonce } = solved;
  const header = { ...template.header, merkleRoot: merkleRoot(txids), version, time, nonce };
  return encodeBlock(header, [solvedCoinbase, ...transactions]);
}
