import { DEVELOPMENT_ACCOUNTS } from '../consensus/development-accounts.ts';
import { assertInvariant } from '../consensus/errors.ts';
import { developmentKeyPair, type KeyPair } from '../consensus/keys.ts';
import { encodeTransfer, MAX_MEMO_BYTES, type Transfer, transferBytes } from '../consensus/transaction.ts';
import { BASE_FEE_PER_KILOBYTE } from '../protocol/policy.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Simulation } from './simulation.ts';

/** New recipients, besides the accounts that exist. */
const STRANGERS = 20;
const MOST_AMOUNT = 5_00000000;
const ADDRESS_BYTES = 20;

/** Makes transfers as people and programs make them: most are in order, some replace, run ahead, overspend or are forged. */
export class TransferSource {
  readonly #simulation: Simulation;
  readonly #random: SeededRandom;
  readonly #recipients: readonly string[];

  constructor(simulation: Simulation, random: SeededRandom) {
    this.#simulation = simulation;
    this.#random = random;
    const strangers = Array.from({ length: STRANGERS }, (_, i) =>
      (i + 1).toString(16).padStart(2 * ADDRESS_BYTES, '5'),
    );
    this.#recipients = [...DEVELOPMENT_ACCOUNTS.map(({ address }) => address), ...strangers];
  }

  /** The next transfer of somebody who looks at the chain and mempool of this node. */
  next(node: SimulatedNode): Transfer {
    const random = this.#random;
    const account = random.pick(DEVELOPMENT_ACCOUNTS);
    assertInvariant(account !== undefined, 'there are development accounts');
    const keys = developmentKeyPair(account);
    const kind = random.fraction();
    const pending = node.core.mempool.pendingAccount(keys.address);
    if (kind < 0.75) return this.#sign(keys, pending.nonce, BigInt(random.below(MOST_AMOUNT)), this.#fee());
    // Replaces something that is pending, or was confirmed already.
    if (kind < 0.83) return this.#sign(keys, back(pending.nonce, random.below(3)), 1n, this.#fee() * 2n);
    // Runs ahead, and leaves a gap.
    if (kind < 0.9) return this.#sign(keys, pending.nonce + 1n + BigInt(random.below(4)), 2n, this.#fee());
    // All that there is, or more.
    if (kind < 0.93) {
      const { balance } = pending;
      const fee = this.#fee();
      return this.#sign(keys, pending.nonce, balance > fee ? balance - fee + BigInt(random.below(2)) : 1n, fee);
    }
    if (kind < 0.95) return this.#sign(keys, pending.nonce, 2n ** 64n - 1n, 2n ** 64n - 1n);
    if (kind < 0.97) return this.#sign(keys, pending.nonce, 1n, 0n);
    const honest = this.#sign(keys, pending.nonce, 3n, this.#fee());
    return encodeTransfer({ ...honest, amount: honest.amount + 1n });
  }

  #fee(): bigint {
    const bytes = BigInt(transferBytes(MAX_MEMO_BYTES));
    return ((bytes * BASE_FEE_PER_KILOBYTE) / 1_000n) * BigInt(1 + this.#random.below(20));
  }

  #sign(keys: KeyPair, nonce: bigint, amount: bigint, fee: bigint): Transfer {
    const recipient = this.#random.pick(this.#recipients) ?? keys.address;
    const { networkId } = this.#simulation.params;
    const memo = this.#random.chance(0.1) ? this.#random.bytes(this.#random.below(MAX_MEMO_BYTES)) : new Uint8Array();
    return this.#simulation.crypto.sign({ networkId, nonce, recipient, amount, fee, memo }, keys.secretKey);
  }
}

function back(nonce: bigint, steps: number): bigint {
  const earlier = nonce - BigInt(steps);
  return earlier > 0n ? earlier : 0n;
}
