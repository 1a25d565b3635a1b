import { type Block, signedTransactionsOf } from '../../consensus/block.ts';
import type { Hash } from '../../consensus/hash.ts';
import { type SignatureCheck, signatureCheckOf, verifySignature } from '../../consensus/signature.ts';

/** Strict Ed25519 verification of many signatures: one answer per check, in order. */
export type VerifySignatures = (checks: readonly SignatureCheck[]) => Promise<readonly boolean[]>;

/** Slow, but needs nothing: on this thread, in JavaScript. */
export const verifyHere: VerifySignatures = async (checks) => checks.map(verifySignature);

/** The transfers of some blocks whose signatures are not valid. */
export async function badSignaturesOf(blocks: readonly Block[], verify: VerifySignatures): Promise<Set<Hash>> {
  const transfers = blocks.flatMap(signedTransactionsOf);
  if (transfers.length === 0) return new Set();
  const valid = await verify(transfers.map(signatureCheckOf));
  return new Set(transfers.filter((_, i) => valid[i] !== true).map(({ txid }) => txid));
}
