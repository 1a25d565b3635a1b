import { NoncesQuery } from '../../client/documents.ts';
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
    const waitingOf = (sender: string): TransactionRecord[] => network.replica.pool.ofSender(sender);
    /** The node that has most of a sender's: another one would miss nonces that this one has. Named ones come first. */
    const fullestOf = (sender: string): NodeState | null => {
      const waiting = waitingOf(sender);
      const counted = network.members
        .filter(({ isOnline }) => isOnline)
        .map((node) => ({
          node,
          count: waiting.filter(({ txid }) => network.replica.pool.holders(txid).has(node.url)).length,
        }))
        .filter(({ count }) => count > 0)
        .sort((a, b) => Number(b.node.isNamed) - Number(a.node.isNamed) || b.count - a.count);
      return counted[0]?.node ?? network.reader;
    };
    this.#nonces = new Question({
      key: () => network.genesisHash,
      depends: () => [network.reader?.tip, senders().map((sender) => waitingOf(sender).map(({ txid }) => txid))],
      ask: async (signal) => {
        const answers = await Promise.allSettled(
          senders().map(async (sender) => {
            const account = (await fullestOf(sender)?.link?.query(NoncesQuery, { address: sender }, signal))?.account;
            if (!account) return null;
            return [sender, { nonce: BigInt(account.nonce), pendingNonce: BigInt(account.pendingNonce) }] as const;
          }),
        );
        // One node that does not answer hides no reasons of others.
        return new Map(
          answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value] : [])),
        );
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
