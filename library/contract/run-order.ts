import { ClientError } from '../../client/client-error.ts';
import { type ContractTarget, gasToReserve, signContract } from '../../client/contract-order.ts';
import { encodedArguments } from '../../client/contract-program.ts';
import { decodeResult, decodeValues } from '../../client/contract-values.ts';
import type { BlockReceipt } from '../../consensus/block-execution.ts';
import { MAX_CALL_GAS } from '../../consensus/contract/limits.ts';
import type { CompiledMethod } from '../../consensus/contract/program.ts';
import type { ContractTransaction } from '../../consensus/contract-transaction.ts';
import { RuleError } from '../../consensus/errors.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { SIGNATURE_BYTES } from '../../consensus/signature-encoding.ts';
import { CallFailedError } from './call-failed-error.ts';
import type { ChainInMemory } from './chain-in-memory.ts';
import type { NativeContract } from './native/native-run.ts';
import { runBeside } from './native/run-beside.ts';
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
  /** Of a deploy: what is to run beside the machine from now on. */
  readonly native?: NativeContract | undefined;
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
  const sign = (most: number, paid: bigint | undefined) => signContract({ ...prepared, fee: paid }, most, signer);
  if (aim === 'view') return execute(chain, order, sign(gas ?? MAX_CALL_GAS, 0n), 'view');
  const reserved = gas ?? gasToReserve(execute(chain, order, sign(MAX_CALL_GAS, 0n), 'try').receipt.receipt.gasUsed);
  return execute(chain, order, sign(reserved, fee), 'keep');
}

function execute(
  chain: ChainInMemory,
  { method, native }: Order,
  transaction: ContractTransaction,
  aim: 'try' | 'view' | 'keep',
): Ran {
  const { contract, fee } = transaction;
  const executed = refusable(() => chain.execute(transaction));
  const { receipt } = executed;
  if (native !== undefined) chain.natives.set(contract, native);
  // Once for each call: a dry run that goes well is followed by the call itself.
  const isShown = chain.natives.has(contract) && (aim !== 'try' || receipt.failure !== null);
  const cause = isShown ? runBeside(chain, chain.natives, transaction, method, executed) : undefined;
  if (aim === 'keep') chain.keep(executed);
  if (receipt.failure === null) return { receipt, contract, fee };
  if (native !== undefined) chain.natives.delete(contract);
  const { code, message, position } = receipt.failure;
  const { line = null, column = null } = position ?? {};
  throw new CallFailedError(message, { code, contract: shownAddress(receipt.failure.contract), line, column }, cause);
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
