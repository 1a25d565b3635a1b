import type { Hash } from '../consensus/hash.ts';
import type { Chain } from './chain.ts';
import type { Reply } from './effects.ts';
import type { EventContext } from './event-context.ts';
import type { RequestId } from './events.ts';
import type { BlockEntry } from './header-index.ts';

/** Requests of the operator to invalidate and reconsider blocks. The reply comes when the chain has moved accordingly. */
export class ValidityRequests {
  readonly #context: EventContext;
  readonly #chain: Chain;
  readonly #replies: { readonly request: RequestId; readonly reply: Reply }[] = [];

  constructor(context: EventContext, chain: Chain) {
    this.#context = context;
    this.#chain = chain;
  }

  invalidate(request: RequestId, blockHash: Hash): void {
    this.#change(request, blockHash, (entry) => this.#chain.invalidate(entry));
  }

  reconsider(request: RequestId, blockHash: Hash): void {
    this.#change(request, blockHash, (entry) => this.#chain.reconsider(entry));
  }

  /** To be called at the end of each event: if the chain is not moving, sends the replies that wait for that. */
  settle(): void {
    if (this.#chain.isMoving) return;
    for (const { request, reply } of this.#replies.splice(0)) this.#context.emit({ type: 'reply', request, reply });
  }

  #change(request: RequestId, blockHash: Hash, change: (entry: BlockEntry) => void): void {
    const entry = this.#chain.get(blockHash);
    let reply: Reply = { ok: true, value: { kind: 'done' } };
    if (!entry) reply = { ok: false, code: 'unknown-block', message: `no block ${blockHash} is known` };
    else if (entry.parent === null)
      reply = { ok: false, code: 'genesis-block', message: 'the genesis block is valid by definition' };
    else change(entry);
    this.#replies.push({ request, reply });
  }
}
