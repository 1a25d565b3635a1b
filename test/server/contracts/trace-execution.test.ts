import { expect, it } from 'vitest';
import type { BlockContext } from '../../../consensus/block-context.ts';
import { MAX_CALL_GAS } from '../../../consensus/contract/limits.ts';
import { PLAIN_CONTRACT_HOST } from '../../../consensus/contract-host.ts';
import { InvariantError } from '../../../consensus/errors.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import { RecordedState } from '../../../server/contracts/recorded-state.ts';
import {
  type ExecutedTransaction,
  SLICE_GAS,
  TRACE_SLICE_GAS,
  traceExecution,
} from '../../../server/contracts/trace-execution.ts';
import { type ChainPoint, genesisPoint, keysOf, mineBlock, transferAt } from '../../../testing/chain-builder.ts';
import { callAt, deployAt } from '../../../testing/contract-transactions.ts';

const SOURCE = `export class Spinner {
  rounds = 0;
  balances = new Table<Address, bigint>(0n);

  spin(): void {
    for (;;) { this.rounds += 1; }
  }

  short(): bigint {
    this.balances.set(chain.caller, chain.balance);
    return chain.balance;
  }
}
`;

const GENESIS = genesisPoint(REGTEST);
const [alice, bob, carol] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol')];
const deploy = deployAt(GENESIS, alice, SOURCE);
const deployed = mineBlock(GENESIS, { transfers: [deploy] });
const spin = callAt(deployed, alice, deploy, 'spin', [], { gas: MAX_CALL_GAS });
const paid = transferAt(deployed, bob, deploy.contract, { amount: 5n });
const short = callAt(deployed, carol, deploy, 'short');
const block = mineBlock(deployed, { transfers: [spin, paid, short] });

const context: BlockContext = {
  height: block.height,
  medianTimePast: 0,
  blockHash: () => deployed.block.hash,
};

function executedIn({ undo, reads, receipts, state }: ChainPoint, index: 0 | 1): ExecutedTransaction {
  const before = index === 0 ? [] : [spin, paid];
  const transaction = index === 0 ? spin : short;
  return { before, transaction, context, state: RecordedState.ofBlock(undo, reads, state), receipt: receipts[index]! };
}

const PAGE = { from: 0, first: 3, shownAddress: (address: string) => address };

/** Traces, and counts how often others were served. */
async function traced(executed: ExecutedTransaction, mostTurns = Number.POSITIVE_INFINITY) {
  let turns = 0;
  const trace = await traceExecution(executed, PAGE, PLAIN_CONTRACT_HOST, async () => ++turns <= mostTurns);
  return { trace, turns };
}

it('never runs longer than a slice, however much gas a call uses', async () => {
  const spun = await traced(executedIn(block, 0));
  expect(spun.trace).toMatchObject({ steps: [{ index: 0 }, { index: 1 }, { index: 2 }], gasAtReturn: null });
  expect(spun.turns).toBeGreaterThan((MAX_CALL_GAS - 100_000) / TRACE_SLICE_GAS);
  const after = await traced(executedIn(block, 1));
  expect(after.trace).toMatchObject({ total: 2 });
  expect(after.turns).toBeGreaterThan((MAX_CALL_GAS - 100_000) / SLICE_GAS);
});

it('is given up where nobody waits for it', async () => {
  expect(await traced(executedIn(block, 0), 7)).toEqual({ trace: undefined, turns: 8 });
});

it('replays on what was read and changed, and is asked for nothing else', async () => {
  const executed = executedIn(block, 1);
  expect((await traced(executed)).trace?.steps[0]?.writes).toMatchObject([{ field: 'balances', valueJson: '"5"' }]);
  expect(() => executed.state.account('ab'.repeat(20))).toThrow(InvariantError);
  expect(() => executed.state.slot(deploy.contract, '01')).toThrow(InvariantError);
});

it('is refused where another receipt comes of it', async () => {
  const executed = executedIn(block, 1);
  const receipt = { ...executed.receipt, bytes: Uint8Array.of(1) };
  await expect(traced({ ...executed, receipt })).rejects.toThrow(/gives another receipt than it did/);
});
