import { ClientError, succeeded } from '../../../client/client-error.ts';
import { type ContractOrder, gasToReserve, signContract, unsignedContract } from '../../../client/contract-order.ts';
import { type DryRunData, DryRunQuery, SenderQuery, SubmitMutation } from '../../../client/documents.ts';
import { feeRateOf, nonceOf } from '../../../client/transfer.ts';
import { formatAddress, parseAddress } from '../../../consensus/address.ts';
import { formatAmount } from '../../../consensus/amount.ts';
import type { CompiledMethod } from '../../../consensus/contract/program.ts';
import { bytesToHex, hexToBytes, utf8ToBytes } from '../../../consensus/hex.ts';
import { signerOf } from '../../../consensus/signature.ts';
import {
  checkNetworkClaim,
  MAX_UNTYPED_CONTRACT_FEE,
  SpendingError,
  untypedFee,
} from '../../../consensus/spending-rules.ts';
import { networkIdOf } from '../../../consensus/transaction-parts.ts';
import { transactionWeight } from '../../../consensus/weight.ts';
import { network } from '../../app/session.svelte.ts';
import { type ArgumentDraft, checkArguments, emptyDraft } from '../../model/argument-draft.ts';
import { readAmount } from '../../model/draft.ts';
import { Action } from '../../state/action.svelte.ts';
import type { NodeState } from '../../state/node.svelte.ts';
import { payableNames, type Sender } from '../send/senders.svelte.ts';
import { sent } from '../send/sent.svelte.ts';

/** Bytes of a public key. Any will do to measure a transaction. */
const PUBLIC_KEY_BYTES = 32;

/** What a dry run was of. */
interface Tried {
  readonly sender: string;
  readonly amount: bigint;
  readonly args: string;
}

/** A dry run, and what the transaction would cost. */
export interface DryRun extends Tried {
  readonly outcome: DryRunData;
  /** Of the block that it would be in. */
  readonly height: number;
  /** To reserve. */
  readonly gas: number;
  /** Base units; null where the node demands more than is paid without having been typed. */
  readonly fee: bigint | null;
}

/**
 * A call of one method: typed -> tried -> sent. What is typed after the dry run must be tried again before it is signed.
 */
export class MethodCall {
  readonly contract: string;
  readonly method: CompiledMethod;
  drafts = $state.raw<readonly ArgumentDraft[]>([]);
  amountText = $state('');
  readonly trying = new Action();
  readonly sending = new Action();
  #dryRun = $state.raw<DryRun | null>(null);
  /** Id of the transaction that was sent last. */
  sent = $state<string | null>(null);
  readonly #sender: () => Sender | null;

  constructor(contract: string, method: CompiledMethod, sender: () => Sender | null) {
    this.contract = contract;
    this.method = method;
    this.#sender = sender;
    this.drafts = method.parameters.map(({ type }) => emptyDraft(type));
  }

  readonly checked = $derived.by(() => {
    const addressPrefix = network.reader?.info?.addressPrefix ?? '';
    return checkArguments(this.method.parameters, this.drafts, { addressPrefix, named: payableNames(this.#sender()) });
  });
  readonly amount = $derived(readAmount(this.amountText.trim()) ?? 0n);
  /** What is typed, once it is right. */
  readonly #typed = $derived.by((): Tried | null => {
    const { args } = this.checked;
    const sender = this.#sender();
    if (args === null || typeof this.amount !== 'bigint' || sender === null) return null;
    return { sender: sender.address, amount: this.amount, args: bytesToHex(args) };
  });

  get isComplete(): boolean {
    return this.#typed !== null;
  }

  /** The last dry run; null where there is none of what is typed. */
  get dryRun(): DryRun | null {
    const typed = this.#typed;
    const tried = this.#dryRun;
    if (!typed || !tried) return null;
    const isSame = typed.args === tried.args && typed.amount === tried.amount && typed.sender === tried.sender;
    return isSame ? tried : null;
  }

  /** Whether something was changed since the last dry run. */
  get isStale(): boolean {
    return this.#dryRun !== null && this.dryRun === null;
  }

  setDraft(argument: number, changed: ArgumentDraft): void {
    this.drafts = this.drafts.map((draft, index) => (index === argument ? changed : draft));
  }

  /** Has a node run it on the state at the tip, which changes nothing. */
  async try(): Promise<void> {
    const typed = this.#typed;
    const { link, info } = network.reader ?? {};
    if (!typed || !link || !info) return;
    const tried = await this.trying.run(async (signal): Promise<DryRun> => {
      const input = {
        contract: this.contract,
        method: this.method.name,
        arguments: typed.args,
        caller: typed.sender,
        amount: formatAmount(typed.amount),
      };
      const { simulateCall: outcome, tip } = await link.query(DryRunQuery, { input }, signal);
      const { mempool } = await link.query(SenderQuery, { address: typed.sender }, signal);
      const gas = gasToReserve(outcome.gasUsed);
      const order = this.#orderOf(typed, { genesisHash: info.genesisHash, nonce: 0n, rate: mempool.minimumFeeRate });
      return { ...typed, outcome, height: tip.height + 1, gas, fee: feeOf(order, gas) };
    });
    this.#dryRun = tried ?? null;
  }

  /**
   * Signs what was tried, with the gas that this took and a fifth more, and submits it.
   * @param title what it is called among all that was sent from this page
   */
  async send(node: NodeState, title: string): Promise<void> {
    const { dryRun } = this;
    const from = this.#sender();
    const { link, info } = node;
    if (!dryRun || !from || !link || !info) return;
    await this.sending.run(async (signal) => {
      const key = await from.key(link, signal);
      if (!key) return;
      checkNetworkClaim(info);
      if (formatAddress(key.address, info.addressPrefix) !== dryRun.sender) {
        throw new ClientError('failed', 'the key is that of another account', { code: 'other-key' });
      }
      // Asked again now: another page may have sent something meanwhile.
      const { account, mempool } = await link.query(SenderQuery, { address: dryRun.sender }, signal);
      const nonce = nonceOf(account.pendingNonce);
      const order = this.#orderOf(dryRun, { genesisHash: info.genesisHash, nonce, rate: mempool.minimumFeeRate });
      const transaction = signContract(order, dryRun.gas, signerOf(key.secretKey));
      const { txid } = transaction;
      // Followed from here on: where the answer is lost, it may have arrived all the same.
      this.sent = txid;
      sent.add({ txid, amount: formatAmount(dryRun.amount), to: title, genesisHash: info.genesisHash });
      const data = await link.mutate(SubmitMutation, { raw: bytesToHex(transaction.raw) });
      try {
        succeeded(data.submitTransaction);
      } catch (error) {
        this.sent = null;
        sent.remove(txid);
        throw error;
      }
      this.#dryRun = null;
    });
  }

  #orderOf(
    { amount, args }: Tried,
    claims: { readonly genesisHash: string; readonly nonce: bigint; readonly rate: string },
  ): ContractOrder {
    const contract = parseAddress(this.contract, this.contract.slice(0, this.contract.lastIndexOf('1')));
    return {
      target: { kind: 'call', contract, method: utf8ToBytes(this.method.name) },
      networkId: networkIdOf(claims.genesisHash),
      nonce: claims.nonce,
      amount,
      args: hexToBytes(args),
      fee: undefined,
      minimumFeeRate: feeRateOf(claims.rate),
    };
  }
}

/** What the order costs with so much gas; null where the node demands more than is paid without having been typed. */
function feeOf(order: ContractOrder, gas: number): bigint | null {
  const { raw } = unsignedContract(order, { publicKey: new Uint8Array(PUBLIC_KEY_BYTES) });
  try {
    return untypedFee(order.minimumFeeRate, transactionWeight(raw.length, gas), MAX_UNTYPED_CONTRACT_FEE);
  } catch (error) {
    if (error instanceof SpendingError) return null;
    throw error;
  }
}
