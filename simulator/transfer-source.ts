import { ADDRESS_BYTES } from '../consensus/address.ts';
import { DEVELOPMENT_ACCOUNTS } from '../consensus/development-accounts.ts';
import { assertInvariant } from '../consensus/errors.ts';
import { developmentKeyPair, type KeyPair } from '../consensus/keys.ts';
import { signTransferWith } from '../consensus/signature.ts';
import { encodeTransfer, MAX_MEMO_BYTES, type Transfer, transferBytes } from '../consensus/transaction.ts';
import { BASE_FEE_PER_KILOBYTE } from '../protocol/policy.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Simulation } from './simulation.ts';

/** Number of recipients besides the accounts that exist. */
const STRANGERS = 20;
const MAX_AMOUNT = 5_00000000;
/** Maximum distance of a transfer's nonce from the next one of its account. */
const MAX_STEPS = 3;
const MAX_FEE_FACTOR = 20;
const MEMO_SHARE = 0.1;
const MAX_U64 = 2n ** 64n - 1n;
/** Kinds of transfers, with their shares in percent. */
const KINDS = [
  ['plain', 75],
  ['replacement', 8],
  ['gap', 7],
  ['all-there-is', 3],
  ['overflow', 2],
  ['no-fee', 2],
  ['forged', 3],
] as const;
type Kind = (typeof KINDS)[number][0];

/** Makes transfers as clients do: most are in order; some replace, skip nonces, overspend or are forged. */
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

  /** The next transfer of a client that sees the chain and mempool of this node. */
  next(node: SimulatedNode): Transfer {
    const random = this.#random;
    const account = random.pick(DEVELOPMENT_ACCOUNTS);
    assertInvariant(account !== undefined, 'there are development accounts');
    const keys = developmentKeyPair(account);
    const { nonce, balance } = node.core.mempool.pendingAccount(keys.address);
    switch (this.#drawKind()) {
      case 'plain':
        return this.#sign(keys, nonce, BigInt(random.below(MAX_AMOUNT)), this.#drawFee());
      // Of something that is pending, or was confirmed already.
      case 'replacement':
        return this.#sign(keys, back(nonce, random.below(MAX_STEPS)), 1n, this.#drawFee() * 2n);
      case 'gap':
        return this.#sign(keys, nonce + 1n + BigInt(random.below(MAX_STEPS + 1)), 2n, this.#drawFee());
      case 'all-there-is': {
        const fee = this.#drawFee();
        return this.#sign(keys, nonce, balance > fee ? balance - fee + BigInt(random.below(2)) : 1n, fee);
      }
      case 'overflow':
        return this.#sign(keys, nonce, MAX_U64, MAX_U64);
      case 'no-fee':
        return this.#sign(keys, nonce, 1n, 0n);
      case 'forged': {
        const honest = this.#sign(keys, nonce, 3n, this.#drawFee());
        return encodeTransfer({ ...honest, amount: honest.amount + 1n });
      }
    }
  }

  #drawKind(): Kind {
    let left = this.#random.fraction() * 100;
    for (const [kind, share] of KINDS) {
      left -= share;
      if (left < 0) return kind;
    }
    return 'plain';
  }

  #drawFee(): bigint {
    const bytes = BigInt(transferBytes(MAX_MEMO_BYTES));
    return ((bytes * BASE_FEE_PER_KILOBYTE) / 1_000n) * BigInt(1 + this.#random.below(MAX_FEE_FACTOR));
  }

  #sign(keys: KeyPair, nonce: bigint, amount: bigint, fee: bigint): Transfer {
    const recipient = this.#random.pick(this.#recipients) ?? keys.address;
    const { networkId } = this.#simulation.params;
    const memo = this.#random.chance(MEMO_SHARE)
      ? this.#random.bytes(this.#random.below(MAX_MEMO_BYTES))
      : new Uint8Array();
    const signer = this.#simulation.crypto.signer(keys.secretKey);
    return signTransferWith({ networkId, nonce, recipient, amount, fee, memo }, signer);
  }
}

function back(nonce: bigint, steps: number): bigint {
  const earlier = nonce - BigInt(steps);
  return earlier > 0n ? earlier : 0n;
}
