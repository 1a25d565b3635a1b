import { utf8ToBytes } from '../../consensus/hex.ts';
import { MAX_TAG_BYTES } from '../../consensus/transaction.ts';
import type { NodeConfig } from '../../protocol/node.ts';
import { isValidSignature } from '../../workers/native-signature.ts';
import { isOfThisMachine } from '../http/own-host-names.ts';
import { VERSION } from '../process/version.ts';
import { cutText } from '../transport/close-reason.ts';
import type { NodeOptions } from './node-options.ts';

/**
 * What the core of a node needs of its options.
 * @param listenUrl where others reach it; null: nowhere
 * @param isLogWhole see `NodeSurroundings`
 */
export function coreConfig(options: NodeOptions, listenUrl: string | null, isLogWhole: boolean): NodeConfig {
  return {
    activityIntervalMs: isLogWhole ? 0 : undefined,
    params: options.network,
    listenUrl,
    userAgent: `forklore/${VERSION}${options.name ? ` (${options.name})` : ''}`,
    peers: options.peers,
    learnAddresses: options.discovery,
    verifySignature: isValidSignature,
    keepsAddress: (url) => options.runId === null && !isOfThisMachine(url),
    miner: {
      mode: options.mining.mode,
      threads: options.miningThreads,
      hashrateLimit: options.hashrateLimit,
      intervalMs: options.mining.intervalMs,
      recipient: options.minerAddress,
      tag: utf8ToBytes(cutText(options.name ?? 'forklore', MAX_TAG_BYTES)),
    },
  };
}
