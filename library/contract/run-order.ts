import { ClientError } from '../../client/client-error.ts';
import { type ContractTarget, gasToReserve, signContract } from '../../client/contract-order.ts';
import { encodedArguments } from '../../client/contract-program.ts';
import { decodeResult, decodeValues } from '../../client/contract-values.ts';
import type { BlockReceipt } from '../../consensus/block-execution.ts';
import { MAX_CALL_GAS } from '../../consensus/contract/limits.ts';
import type { CompiledMethod } from '../../consensus/contract/program.ts';
import { RuleError } from '../../consensus/errors.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { SIGNATURE_BYTES } from '../../consensus/signature-encoding.ts';
import { CallFailedError } from './call-failed-error.ts';
import type { ChainInMemory } from './chain-in-memory.ts';
import type { CallOutcome, CallSettings } from './types.ts';
import { addressOf, keysOf, shownAddress } from './world-parties.ts';

/** Base units for each 1,000 of weight: what a node takes where blocks are not full. */
const MINIMUM_FEE_RATE = 1_000n;
/** Nothing here verifies it: it is the world that sends what a test asks for. */
const NO_SIGNATURE = new Uint8Array(SIGNATURE_BYTES);

/** A deploy or a call, without who sends it. */
interface Order {
  readonly target: ContractTarget;
  readonly method: CompiledMethod;
  readonly args: readonly unknown[];
}

/** An order that was carried out. */
export interface Ran {
  readonly receipt: BlockReceipt;
  /** Raw address. */
  readonly contract: string;
  readonly fee: bigint;
}

/**
 * Carries out an order in a transaction, as a client and a node do together: a dry run, then a fifth more gas than that used.
 * @param aim `view`: nothing is kept, and no fee is paid
 * Throws {@link CallFailedError}, and `ClientError` `bad-argument` for arguments that the method does not take.
 */
export function runOrder(chain: ChainInMemory, order: Order, settings: CallSettings, aim: 'keep' | 'view'): Ran {
  const { from, amount = 0n, gas, fee } = settings;
  if (from === undefined) throw new ClientError('bad-argument', 'from is missing: which account calls?');
  const { publicKey, address } = keysOf('from', from);
  const signer = { publicKey, sign: () => NO_SIGNATURE };
  const prepared = {
    target: order.target,
    networkId: REGTEST.networkId,
    nonce: chain.account(address)?.nonce ?? 0n,
    amount,
    args: encodedArguments(order.method, order.args, addressOf),
    minimumFeeRate: MINIMUM_FEE_RATE,
  };
  const free = { ...prepared, fee: 0n };
  if (aim === 'view') return execute(chain, signContract(free, gas ?? MAX_CALL_GAS, signer), 'drop');
  const reserved =
    gas ?? gasToReserve(execute(chain, signContract(free, MAX_CALL_GAS, signer), 'drop').receipt.receipt.gasUsed);
  return execute(chain, signContract({ ...prepared, fee }, reserved, signer), 'keep');
}

function execute(chain: ChainInMemory, transaction: ReturnType<typeof signContract>, then: 'keep' | 'drop'): Ran {
  const { contract, fee } = transaction;
  const executed = refusable(() => chain.execute(transaction));
  if (then === 'keep') chain.keep(executed);
  const { receipt } = executed;
  const { failure } = receipt;
  if (failure === null) return { receipt, contract, fee };
  const { line = null, column = null } = failure.position ?? {};
  const about = { code: failure.code, contract: shownAddress(failure.contract), line, column };
  throw new CallFailedError(failure.message, about);
}

/** Tells a rule that keeps a transaction out of every block as a failure of the call. */
function refusable<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw new CallFailedError(error.detail, { code: error.code, contract: null, line: null, column: null });
  }
}

/** What a test gets of it. */
export function outcomeOf({ receipt, fee }: Ran, method: CompiledMethod): CallOutcome<unknown> {
  const { gasUsed, events } = receipt.receipt;
  const { addressPrefix } = REGTEST;
  return {
    gasUsed,
    fee,
    result: resultOf(receipt, method),
    events: events.map(({ contract, name, values }) => ({
      contract: shownAddress(contract),
      name,
      values: decodeValues(bytesToHex(values), addressPrefix),
    })),
    payments: receipt.payments.map(({ from, to, amount }) => ({
      from: shownAddress(from),
      to: shownAddress(to),
      amount,
    })),
  };
}

/** What the method gave; null: nothing. */
export function resultOf({ receipt }: BlockReceipt, { result }: CompiledMethod): unknown {
  return result === undefined ? null : decodeResult(bytesToHex(receipt.result), result, REGTEST.addressPrefix);
}
