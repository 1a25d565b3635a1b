/** Transactions that are followed on the page; the oldest go first. */
const MAX_SENT = 20;

interface Sent {
  readonly txid: string;
  /** Coins, as decimal text. */
  readonly amount: string;
  /** Name or address, as it was typed. */
  readonly to: string;
  /** Of the network that it is for. */
  readonly genesisHash: string;
}

/** What was sent from this page since it was opened, newest first. */
class SentList {
  list = $state.raw<readonly Sent[]>([]);

  remove(txid: string): void {
    this.list = this.list.filter((each) => each.txid !== txid);
  }

  add(transaction: Sent): void {
    this.list = [transaction, ...this.list.filter(({ txid }) => txid !== transaction.txid)].slice(0, MAX_SENT);
  }
}

export const sent = new SentList();
