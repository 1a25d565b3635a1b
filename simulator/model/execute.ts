import type { Coinbase, SignedTransaction } from '../../consensus/transaction.ts';
import { addressOf, Ledger, type ModelState } from './ledger.ts';
import type { ModelReceipt } from './receipts.ts';
import { type ChainBelow, runContract } from './run-contract.ts';

/** The state after a block with the receipts of its contracts, or the rule that it breaks. */
export type Execution = (ModelState & { readonly receipts: readonly ModelReceipt[] }) | { readonly rule: string };

/** Executes all transactions in order and pays the miner at the end. `before` stays as it is. */
export function execute(
  before: ModelState,
  transactions: readonly SignedTransaction[],
  coinbase: Coinbase,
  chain: ChainBelow,
): Execution {
  const ledger = new Ledger(before);
  const receipts: ModelReceipt[] = [];
  for (const transaction of transactions) {
    const sender = addressOf(transaction.senderKey);
    const { balance, nonce, contract } = ledger.account(sender);
    const { txid, amount, fee } = transaction;
    if (contract) return { rule: 'sender-is-contract' };
    if (transaction.nonce !== nonce) return { rule: 'wrong-nonce' };
    if (amount + fee > balance) return { rule: 'insufficient-balance' };
    ledger.accounts.set(sender, { balance: balance - fee, nonce: nonce + 1n });
    if (transaction.kind === 'transfer') {
      ledger.pay(sender, -amount);
      ledger.pay(transaction.recipient, amount);
    } else receipts.push({ txid, bytes: runContract(transaction, ledger, chain) });
  }
  ledger.pay(coinbase.recipient, coinbase.reward);
  return { ...ledger.finish(), receipts };
}
