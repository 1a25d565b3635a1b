import { ZERO_HASH } from '../../consensus/hash.ts';
import { encodeCoinbase } from '../../consensus/transaction.ts';
import type { MiningJob } from '../../protocol/mining-job.ts';

/** A target that nobody meets while it is measured. */
const HOPELESS_BITS = 0x04010000;

/** Work without an end, for threads of the lowest priority to be busy with. */
export function hopelessJob(job: number): MiningJob {
  const recipient = 'ab'.repeat(20);
  const coinbase = encodeCoinbase({
    height: 1,
    recipient,
    reward: 50n,
    stateRoot: 'cd'.repeat(32),
    extraNonce: new Uint8Array(8),
    tag: new Uint8Array(),
  });
  const time = 1_800_000_000;
  const header = { version: 1, prevHash: ZERO_HASH, merkleRoot: coinbase.txid, time, bits: HOPELESS_BITS, nonce: 0 };
  return {
    job,
    template: {
      height: 1,
      prevHash: ZERO_HASH,
      header,
      coinbase,
      coinbaseBranch: [],
      transactions: [],
      fees: 0n,
      recipient,
    },
    isOnDemand: false,
  };
}
