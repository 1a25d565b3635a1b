import type { Address } from '../consensus/address.ts';
import type { RuleError } from '../consensus/errors.ts';
import type { Hash } from '../consensus/hash.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import type { ActivityLog } from './activity-log.ts';
import type { BlockRelay } from './block-relay.ts';
import type { Chain } from './chain.ts';
import type { ChainChange } from './chain-move.ts';
import type { EventContext } from './event-context.ts';
import type { BlockEntry } from './header-index.ts';
import type { Mempool } from './mempool.ts';
import type { Miner } from './miner.ts';
import type { MempoolRemoval } from './notices.ts';
import type { StaleTip } from './stale-tip.ts';
import type { Verifier } from './verifier.ts';

interface ChainFollowerParts {
  readonly context: EventContext;
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly verifier: Verifier;
  readonly blocks: BlockRelay;
  readonly staleTip: StaleTip;
  readonly miner: Miner;
  readonly activity: ActivityLog;
}

/** Passes a change of the tip, or an invalid block, on to the other parts, to peers and to subscribers. */
export class ChainFollower {
  readonly #parts: ChainFollowerParts;

  constructor(parts: ChainFollowerParts) {
    this.#parts = parts;
  }

  /** The tip changed; the commits of its blocks are among the effects before these. */
  onChange(change: ChainChange): void {
    const { blocks, staleTip, miner, activity, chain, context } = this.#parts;
    blocks.announce(change);
    staleTip.onTip();
    miner.onChainChange();
    const { returned, dropped } = this.#updateMempool(change);
    if (change.disconnected.length > 0) this.#publishReorg(change, returned, dropped);
    activity.onTip(chain.tip, change.connected.length);
    for (const { record } of change.connected) {
      context.emit({ type: 'publish', notice: { kind: 'block', blockHash: record.hash, height: record.height } });
    }
  }

  /** Peers hear of a block whose execution takes long before it is connected, so that it does not take as long at every hop. */
  onExecuting(change: Pick<ChainChange, 'disconnected' | 'connected'>): void {
    this.#parts.blocks.announceAhead(change);
  }

  onInvalid(entry: BlockEntry, error: RuleError): void {
    const fields = { block: entry.record.hash, height: entry.record.height, rule: error.code };
    this.#parts.context.emit({ type: 'log', level: 'warn', message: 'invalid block', fields });
    this.#parts.blocks.onInvalid(entry, error);
  }

  #publishReorg(
    { disconnected, connected, forkPoint }: ChainChange,
    returned: readonly Hash[],
    dropped: readonly MempoolRemoval[],
  ): void {
    const { chain, context } = this.#parts;
    const fields = {
      disconnected: disconnected.length,
      connected: connected.length,
      returned: returned.length,
      forkHeight: forkPoint.record.height,
      tip: chain.tip.record.hash,
    };
    context.emit({ type: 'log', level: 'info', message: 'reorg', fields });
    context.emit({
      type: 'publish',
      notice: {
        kind: 'reorg',
        commonAncestor: forkPoint.record.hash,
        disconnected: disconnected.map((entry) => entry.record.hash),
        connected: connected.map((entry) => entry.record.hash),
        returnedToMempool: returned,
        dropped,
      },
    });
  }

  #updateMempool(change: ChainChange): { returned: Hash[]; dropped: MempoolRemoval[] } {
    const { mempool, chain, verifier } = this.#parts;
    const confirmed: SignedTransaction[] = [];
    const touched = new Set<Address>();
    // A contract can pay whom it likes.
    let paysAnybody = change.disconnected.length > 0;
    // During the initial sync nothing is pending that a block could affect.
    const isUntouched = mempool.size === 0 && change.disconnected.length === 0;
    for (const entry of isUntouched ? [] : change.connected) {
      for (const transaction of chain.readBlock(entry).transactions) {
        if (transaction.kind !== 'coinbase') {
          touched.add(transaction.sender);
          confirmed.push(transaction);
        }
        if ('recipient' in transaction) touched.add(transaction.recipient);
        else paysAnybody = true;
      }
    }
    // Their signatures were verified when their blocks were connected.
    for (const transaction of change.returned) verifier.remember(transaction);
    if (paysAnybody) for (const sender of mempool.senders()) touched.add(sender);
    return mempool.onChainChange(confirmed, change.returned, touched);
  }
}
