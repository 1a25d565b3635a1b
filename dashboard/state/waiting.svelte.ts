import { NoncesQuery } from '../api/documents.ts';
import type { TransactionRecord } from '../model/records.ts';
import { type AccountNonces, type QueueReason, queueReason } from '../model/waiting.ts';
import type { Network } from './network.svelte.ts';
import type { NodeState } from './node.svelte.ts';
import { Question } from './question.svelte.ts';

/** Senders that are asked about; of further ones it is only said that they are queued. */
const MAX_SENDERS = 20;

/**
 * Why the queued ones among listed transactions wait: asks a node that has them about their senders, again when
 * something of theirs changes. Made while a component is.
 */
export class Waiting {
  readonly #nonces: Question<ReadonlyMap<string, AccountNonces>>;

  constructor(network: Network, listed: () => readonly TransactionRecord[]) {
    const senders = (): string[] => {
      const queued = listed().flatMap(({ isQueued, sender }) => (isQueued && sender !== null ? [sender] : []));
      return [...new Set(queued)].slice(0, MAX_SENDERS).sort();
    };
    const waitingOf = (sender: string): TransactionRecord[] => network.ledger.pool.ofSender(sender);
    /** The node that has most of a sender's: another one would miss nonces that this one has. */
    const fullestOf = (sender: string): NodeState | null => {
      const waiting = waitingOf(sender);
      const countOn = ({ url }: NodeState): number =>
        waiting.filter(({ txid }) => network.ledger.pool.holders(txid).has(url)).length;
      const online = network.members.filter(({ isOnline }) => isOnline);
      return online.reduce<NodeState | null>(
        (best, node) => (!best || countOn(node) > countOn(best) ? node : best),
        null,
      );
    };
    this.#nonces = new Question({
      key: () => network.genesisHash,
      depends: () => [network.reader?.tip, senders().map((sender) => waitingOf(sender).map(({ txid }) => txid))],
      ask: async (signal) => {
        const asked = senders().map(async (sender) => {
          const node = fullestOf(sender) ?? network.reader;
          const account = (await node?.link?.query(NoncesQuery, { address: sender }, signal))?.account;
          const { nonce = '0', pendingNonce = '0' } = account ?? {};
          return [sender, { nonce: BigInt(nonce), pendingNonce: BigInt(pendingNonce) }] as const;
        });
        return new Map(await Promise.all(asked));
      },
    });
  }

  /** Null where the transaction is ready, or the reason is not known (yet). */
  reasonOf({ isQueued, sender, nonce }: Pick<TransactionRecord, 'isQueued' | 'sender' | 'nonce'>): QueueReason | null {
    if (!isQueued || sender === null || nonce === null) return null;
    const account = this.#nonces.data?.get(sender);
    return account ? queueReason(nonce, account) : null;
  }
}
