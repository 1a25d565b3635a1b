import type { SignedTransaction } from '../consensus/transaction.ts';
import { ContractSource } from './contract-source.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Simulation } from './simulation.ts';
import { TransferSource } from './transfer-source.ts';

/** Makes what clients submit: transfers, and by the plan a share that has to do with contracts. */
export class TransactionSource {
  readonly #random: SeededRandom;
  readonly #contractShare: number;
  readonly #transfers: TransferSource;
  readonly #contracts: ContractSource;

  constructor(simulation: Simulation, random: SeededRandom) {
    this.#random = random;
    this.#contractShare = simulation.plan.contractShare;
    this.#transfers = new TransferSource(simulation, random);
    this.#contracts = new ContractSource(simulation, random);
  }

  /** The next transaction of a client that sees the chain and mempool of this node. */
  next(node: SimulatedNode): SignedTransaction {
    // Nothing is drawn where there are no contracts: a seed gives the same transfers as ever.
    const isContracts = this.#contractShare > 0 && this.#random.chance(this.#contractShare);
    return (isContracts ? this.#contracts : this.#transfers).next(node);
  }
}
