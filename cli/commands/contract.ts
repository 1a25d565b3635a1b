import { checkContract } from '../../client/check-contract.ts';
import { gasToReserve } from '../../client/contract-order.ts';
import type { SimulatedCall } from '../../client/contract-types.ts';
import { type PreparedContract, prepareContract } from '../../client/prepare-contract.ts';
import type { CallRequest, DeployRequest } from '../../client/requests.ts';
import { AddressError, formatAddress } from '../../consensus/address.ts';
import { formatAmount } from '../../consensus/amount.ts';
import { compileContract } from '../../consensus/contract/compile.ts';
import { MAX_CALL_GAS } from '../../consensus/contract/limits.ts';
import type { Program } from '../../consensus/contract/program.ts';
import { SourceError } from '../../consensus/contract/source-error.ts';
import type { ContractTransaction } from '../../consensus/contract-transaction.ts';
import { shortHash } from '../../consensus/hash.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { printable, quotable } from '../../consensus/quotable.ts';
import { parseWholeNumber } from '../../server/settings/option-values.ts';
import { readTextFile } from '../../server/settings/read-text-file.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { withArgumentsChecked } from '../contract/bad-argument.ts';
import { contractAddressOf } from '../contract/contract-address.ts';
import { eventText, paymentText, reasonText, receiptJson, valueText } from '../contract/contract-text.ts';
import { findingText } from '../contract/finding-text.ts';
import { jsonArguments } from '../contract/json-arguments.ts';
import { showPlace } from '../contract/show-place.ts';
import { json, record, type Terminal } from '../output/output.ts';
import { errorCount } from './check-contract.ts';
import { type CliContext, type NodeSession, withNode } from './client-context.ts';
import { submit, WAITS_FOR_BLOCK } from './send.ts';
import { amountOf, nonceOf, pinnedNetwork, type SpendingFlags, senderOf, spendingProblem } from './spending.ts';
import { untilSettled } from './until-settled.ts';

/** Longest call that is shown, in characters. */
const MAX_CALL_CHARS = 120;

/** Flags of `forklore contract deploy` and `call`. */
interface ContractFlags extends SpendingFlags {
  readonly from: string;
  readonly amount?: string;
  readonly gas?: string;
  readonly force?: boolean;
}

/** Flags of `forklore contract deploy`. */
interface DeployFlags extends ContractFlags {
  readonly unchecked?: boolean;
}

/** `forklore contract deploy`: a source that does not compile, or whose constructor fails, is not sent. */
export async function deployContract(
  file: string,
  args: readonly string[],
  flags: DeployFlags,
  context: CliContext,
): Promise<void> {
  const source = readTextFile('FILE', file);
  const name = checkedName(file, source, flags, context.terminal);
  const request = { ...(await orderOf(args, flags, context)), source };
  const order = { verb: `deploying ${name}`, file };
  await withNode(flags, context, (session) => new Sending(order, flags, context, session).run(request));
}

/** `forklore contract call`: a call that fails in a dry run is not sent, unless it is forced. */
export async function callContract(
  contract: string,
  method: string,
  args: readonly string[],
  flags: ContractFlags,
  context: CliContext,
): Promise<void> {
  const request = { ...(await orderOf(args, flags, context)), contract: contractAddressOf(contract), method };
  const verb = `calling ${quotable(`${method}(${args.join(', ')})`, MAX_CALL_CHARS)}`;
  await withNode(flags, context, (session) => new Sending({ verb }, flags, context, session).run(request));
}

/**
 * The name of the contract in a source. Throws `CommandError`, and shows the place, where it does not compile; and where it has
 * an error with which calls would fail, because a deployed contract never changes, unless it is to be deployed unchecked.
 */
function checkedName(file: string, source: string, { unchecked }: DeployFlags, terminal: Terminal): string {
  const { name } = compiledProgram(file, source, terminal);
  const { findings } = checkContract(source);
  for (const finding of findings) terminal.printError(findingText(file, source, finding, terminal.colors));
  if (unchecked || findings.every(({ severity }) => severity === 'warning')) return name;
  const remedy = 'correct it, or deploy it all the same with --unchecked';
  throw new CommandError(`${file} has ${errorCount(findings)}; nothing was sent: ${remedy}`);
}

function compiledProgram(file: string, source: string, terminal: Terminal): Program {
  try {
    return compileContract(utf8ToBytes(source));
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    showPlace(source, error.line, error.column, terminal);
    throw new CommandError(`${file} does not compile: ${error.message}; nothing was sent`);
  }
}

async function orderOf(args: readonly string[], flags: ContractFlags, context: CliContext) {
  const { from, amount, gas, fee, nonce } = flags;
  if (flags.force && gas === undefined) throw new UsageError('--force needs --gas: what fails uses all that it may');
  const pinned = pinnedNetwork(flags, context);
  return {
    from: await senderOf('--from', from, flags, context),
    arguments: jsonArguments(args),
    ...(amount !== undefined && { amount: amountOf('--amount', amount) }),
    ...(gas !== undefined && { gas: parseWholeNumber('--gas', gas, 1, MAX_CALL_GAS) }),
    ...(fee !== undefined && { fee: amountOf('--fee', fee) }),
    ...(nonce !== undefined && { nonce: nonceOf('--nonce', nonce) }),
    ...(pinned && { genesisHash: pinned.genesis.hash }),
  };
}

/** How people know what is sent. */
interface OrderWords {
  readonly verb: string;
  /** Of a deploy: its contract is not yet anywhere else. */
  readonly file?: string;
}

/** A deploy or a call on its way: tried, signed, submitted, and waited for where that is wanted. */
class Sending {
  readonly #words: OrderWords;
  readonly #flags: ContractFlags;
  readonly #context: CliContext;
  readonly #session: NodeSession;

  constructor(words: OrderWords, flags: ContractFlags, context: CliContext, session: NodeSession) {
    this.#words = words;
    this.#flags = flags;
    this.#context = context;
    this.#session = session;
  }

  /** Throws in words why it is not sent, or fails once it is. */
  async run(request: DeployRequest | CallRequest): Promise<void> {
    const session = this.#session;
    const { terminal } = this.#context;
    const prepared = await this.#checked(prepareContract(session.transport, request));
    const sign = (gas: number) => this.#checked(Promise.resolve(gas).then((each) => prepared.sign(each)));
    // Gas that no block takes is told before the node is asked to run with it.
    const signed = request.gas === undefined ? undefined : await sign(request.gas);
    const tried = await prepared.dryRun(request.gas);
    if (!tried.ok) await this.#refuseUnlessForced(prepared, tried, request.gas);
    const transaction = signed ?? (await sign(gasToReserve(tried.gasUsed)));
    if (!this.#flags.json) this.#showOrder(prepared, transaction, tried);
    const status = await submit(session, transaction);
    const sent = {
      ...sentJson(prepared, transaction),
      dryRun: { ok: tried.ok, gasUsed: tried.gasUsed, gasToReserve: gasToReserve(tried.gasUsed) },
    };
    if (this.#flags.wait) return await this.#showOutcome(transaction, prepared, sent);
    if (this.#flags.json) terminal.print(json({ ...sent, status }));
    else {
      this.#printIds(transaction, prepared);
      terminal.printError(WAITS_FOR_BLOCK);
    }
  }

  /** What was typed is the user's mistake, and what the node gives is not. */
  async #checked<Result>(operation: Promise<Result>): Promise<Result> {
    const labels = { pinned: pinnedNetwork(this.#flags, this.#context), sender: '--from', recipient: 'ADDRESS' };
    return await withArgumentsChecked(operation).catch((error: unknown) => {
      if (error instanceof AddressError) throw new UsageError(`ADDRESS: ${error.message}`);
      throw spendingProblem(error, labels);
    });
  }

  async #refuseUnlessForced(prepared: PreparedContract, tried: SimulatedCall, gas: number | undefined): Promise<void> {
    const { terminal } = this.#context;
    const { ok, gasUsed, error, contract } = tried;
    // The node runs a deploy with the nonce at the tip: where others wait, it has another address than the one signed for.
    const isOwn = error?.contract === contract;
    if (error?.line && error.column && isOwn) showPlace(prepared.source, error.line, error.column, terminal);
    const enough = gas === undefined ? null : await prepared.dryRun();
    const advice = enough?.ok ? `; without --gas it would reserve ${gasToReserve(enough.gasUsed)}` : '';
    const reason = `the dry run fails: ${reasonText(error, isOwn ? this.#words.file : undefined)}${advice}`;
    if (this.#flags.force) return terminal.printError(`warning: ${reason}`);
    if (this.#flags.json) terminal.print(json({ dryRun: { ok, gasUsed, error } }));
    throw new CommandError(`${reason}; nothing was sent`);
  }

  #showOrder({ network, contract }: PreparedContract, transaction: ContractTransaction, tried: SimulatedCall): void {
    const { kind, gas, amount, fee } = transaction;
    const place = kind === 'call' ? ` of ${contract}` : '';
    const coins = amount === 0n ? '' : ` with ${formatAmount(amount)}`;
    const usual = gasToReserve(tried.gasUsed);
    const enough =
      gas === usual
        ? `a fifth more than the dry run used, ${tried.gasUsed}`
        : `the dry run used ${tried.gasUsed}, with a fifth more ${usual}`;
    const outcome = tried.ok ? enough : 'the dry run fails';
    this.#context.terminal.printError(
      `${this.#words.verb}${place}${coins}: gas ${gas} (${outcome}), fee ${formatAmount(fee)}, ` +
        `on ${quotable(network.network)} (genesis ${shortHash(network.genesisHash)})`,
    );
  }

  #printIds({ kind, txid }: ContractTransaction, { contract }: PreparedContract): void {
    const { terminal } = this.#context;
    if (kind === 'call') return terminal.print(txid);
    terminal.print(
      record(terminal.colors, [
        ['contract', contract],
        ['id', txid],
      ]),
    );
  }

  async #showOutcome(transaction: ContractTransaction, prepared: PreparedContract, sent: object): Promise<void> {
    const { terminal } = this.#context;
    if (!this.#flags.json) this.#printIds(transaction, prepared);
    const { status, block } = await untilSettled(this.#session, transaction.txid, terminal);
    const confirmed = await this.#session.client.transaction(transaction.txid);
    const receipt = confirmed?.receipt ?? null;
    if (this.#flags.json) terminal.print(json({ ...sent, status, block, receipt: receipt && receiptJson(receipt) }));
    const place = block === null ? 'a block' : `block ${printable(block.hash)} at height ${block.height}`;
    // A reorg may have taken the block back between the two answers.
    if (receipt === null) throw new CommandError(`the transaction is not in ${place} any more`);
    if (!receipt.ok) throw new CommandError(`it failed in ${place}: ${reasonText(receipt.error)}`);
    if (this.#flags.json) return;
    terminal.print(`confirmed in ${place}, gas used ${receipt.gasUsed}`);
    for (const event of receipt.events) terminal.print(`emitted ${eventText(event)}`);
    for (const payment of receipt.payments ?? []) terminal.print(`paid ${paymentText(payment, prepared.contract)}`);
    if (receipt.result !== null) terminal.print(`result ${valueText(receipt.result)}`);
  }
}

/** A signed deploy or call as programs read it. */
function sentJson({ contract, network }: PreparedContract, transaction: ContractTransaction) {
  const { txid, sender, amount, gas, fee, nonce } = transaction;
  const { network: name, genesisHash, addressPrefix } = network;
  return {
    id: txid,
    contract,
    network: name,
    genesisHash,
    from: formatAddress(sender, addressPrefix),
    amount: formatAmount(amount),
    gas,
    fee: formatAmount(fee),
    nonce: `${nonce}`,
  };
}
