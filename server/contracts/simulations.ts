import type { Address } from '../../consensus/address.ts';
import type { BlockContext } from '../../consensus/block-context.ts';
import { BlockExecution, type BlockReceipt } from '../../consensus/block-execution.ts';
import { CONSTRUCTOR } from '../../consensus/contract/program.ts';
import type { ContractHost } from '../../consensus/contract-host.ts';
import { checkContractSanity } from '../../consensus/contract-transaction.ts';
import type { Hash } from '../../consensus/hash.ts';
import { type AccountReader, type ContractReader, EMPTY_ACCOUNT } from '../../consensus/state.ts';
import { NODE_ITSELF, type Requester } from '../graphql/fair-queue.ts';
import { RoundRobin } from '../graphql/round-robin.ts';
import { RecordedState } from './recorded-state.ts';
import { type SimulationRequest, simulatedTransaction } from './simulated-transaction.ts';
import { type ExecutedTransaction, SLICE_GAS } from './trace-execution.ts';

/** Simulations in progress; each holds what its contracts hold, a few megabytes at most. One more waits for a place. */
export const MAX_SIMULATIONS = 32;
/** Simulations of one client that wait for a place. One more is refused. */
export const MAX_WAITING_PER_CLIENT = 128;
/** How often a simulation is begun again because the tip has moved. Once more, and it is given up. */
export const MAX_RESTARTS = 16;

/** The chain that simulations run on. */
export interface SimulatedChain {
  readonly networkId: string;
  readonly state: AccountReader & ContractReader;
  readonly contracts: ContractHost;
  /** Names the state: it is another one once this is. */
  tip(): Hash;
  /** What a block on the tip sees of the chain. */
  nextBlock(): BlockContext;
}

/** What came of a simulation. */
export interface Simulation extends ExecutedTransaction {
  readonly contract: Address;
  /** What was run of it. */
  readonly method: string;
  readonly receipt: BlockReceipt;
  /** The state that it ran on is that after this block. */
  readonly tip: Hash;
}

/** Why a simulation has no outcome. */
export interface NoSimulation {
  readonly code: 'too-many' | 'tip-moves' | 'caller-gone';
}

/**
 * Executes contracts' transactions on the state at the tip, as if they were in the next block, and changes nothing. Each takes
 * turns with all else that the node does; where the tip moves meanwhile, it is begun again. Those that wait for a place get it
 * in a fair order: one client's calls do not keep others' out.
 */
export class Simulations {
  #running = 0;
  readonly #waiting = new RoundRobin<() => void>();

  /**
   * @param waitForTurn resolves when the next slice may run; false: nobody waits for the outcome any more
   * @param requester who waits for it
   * Throws `RuleError` where no block could hold such a transaction: `gas-too-low`, `insufficient-balance` and others.
   */
  async run(
    chain: SimulatedChain,
    request: SimulationRequest,
    waitForTurn: () => Promise<boolean>,
    requester?: Requester,
  ): Promise<Simulation | NoSimulation> {
    return await this.inPlace<Simulation | NoSimulation>(async () => {
      for (let starts = 0; starts <= MAX_RESTARTS; starts++) {
        const outcome = await runOnTip(chain, request, waitForTurn);
        if (outcome !== 'tip-moved') return outcome;
      }
      return { code: 'tip-moves' };
    }, requester);
  }

  /** Executes something in one of the limited places, or says that too much of this client waits for one. */
  async inPlace<T>(execute: () => Promise<T>, requester: Requester = NODE_ITSELF): Promise<T | NoSimulation> {
    if (this.#waiting.countOf(requester.client) === MAX_WAITING_PER_CLIENT) return { code: 'too-many' };
    await this.#takePlace(requester);
    try {
      return await execute();
    } finally {
      this.#leavePlace();
    }
  }

  async #takePlace(requester: Requester): Promise<void> {
    if (this.#running < MAX_SIMULATIONS) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.add(requester, resolve));
  }

  /** The place goes to the next one that waits, if any. */
  #leavePlace(): void {
    const next = this.#waiting.take();
    if (next) next();
    else this.#running--;
  }
}

async function runOnTip(
  chain: SimulatedChain,
  request: SimulationRequest,
  waitForTurn: () => Promise<boolean>,
): Promise<Simulation | NoSimulation | 'tip-moved'> {
  if (!(await waitForTurn())) return { code: 'caller-gone' };
  const tip = chain.tip();
  const { nonce } = chain.state.account(request.caller) ?? EMPTY_ACCOUNT;
  const transaction = simulatedTransaction(request, chain.networkId, nonce);
  checkContractSanity(transaction);
  const context = chain.nextBlock();
  const execution = new BlockExecution(chain.state, context, chain.contracts);
  execution.begin(transaction);
  for (;;) {
    execution.advance(SLICE_GAS);
    const [receipt] = execution.receipts;
    if (receipt !== undefined) {
      const state = RecordedState.of(execution.state);
      const { contract } = transaction;
      return { contract, method: methodOf(request), tip, before: [], transaction, context, state, receipt };
    }
    if (!(await waitForTurn())) return { code: 'caller-gone' };
    if (chain.tip() !== tip) return 'tip-moved';
  }
}

function methodOf({ target }: SimulationRequest): string {
  return target.kind === 'call' ? target.method : CONSTRUCTOR;
}
