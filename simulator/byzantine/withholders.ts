import { blockHash, decodeHeader, HEADER_BYTES } from '../../consensus/header.ts';
import { SHORT_ID_BYTES } from '../../protocol/limits.ts';
import { decodeMessage, encodeMessage, MESSAGE_KINDS } from '../../protocol/messages.ts';
import { type Fault, meanWaitMs } from '../faults/fault.ts';
import { byIntruder, Intruder } from './intruder.ts';

const MAX_WITHHOLDERS = 6;
/** Bounds of the mean interval at which an honest node is stopped, so that it has bodies to fetch, and the mean time it is away. */
const MAX_WAIT_MS = 60_000;
const MIN_WAIT_MS = 20_000;
const AWAY_MS = 25_000;
/** How one reacts to a request for a body: with nothing, by hanging up, or by claiming not to have it. */
const MANNERS = ['is silent', 'leaves', 'denies'] as const;
const LEAVING_MS = 1_500;
/** The share of the hashrate of a silent announcer at full strength. */
const ANNOUNCER_SHARE = 0.3;
const SHORT_ID_BOUND = 2 ** (8 * SHORT_ID_BYTES);

/** Several peers show all headers and withhold bodies, each in its own manner, while nodes that have been away need them. */
export const withholdingPeers: Fault = {
  install(simulation, strength) {
    const name = 'withholding-peers';
    const random = simulation.stream(name);
    for (let i = 0; i <= strength * (MAX_WITHHOLDERS - 1); i++) {
      const { node, random: ownRandom } = new Intruder(simulation, name, strength, 0, `${name} ${i}`);
      const manner = ownRandom.pick(MANNERS);
      node.tamper = (peer, bytes) => {
        if (bytes[0] !== MESSAGE_KINDS.block && bytes[0] !== MESSAGE_KINDS.blockTransactions) return [bytes];
        simulation.statistics.recordFault(name);
        if (manner === 'leaves') simulation.runLater(LEAVING_MS, () => simulation.network.hangUp(peer));
        return manner === 'denies' && bytes[0] === MESSAGE_KINDS.block ? [denial(bytes)] : [];
      };
    }
    simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, MIN_WAIT_MS), () => {
      const node = random.pick(simulation.runningHonest());
      if (!node) return;
      node.stop();
      simulation.runLater(random.exponential(AWAY_MS), () => {
        if (!node.isRunning && node.store.failure === null) simulation.revive(node);
      });
    });
  },
};

/** Claims not to have the block that would have been sent. */
function denial(bytes: Uint8Array): Uint8Array {
  const hash = blockHash(decodeHeader(bytes.subarray(1, 1 + HEADER_BYTES)));
  return encodeMessage({ type: 'notFound', what: 'block', hashes: [hash] });
}

/**
 * Announces blocks in compact forms that cannot be completed, and does not answer requests for the missing transactions.
 * One peer gets everything unaltered, so that the blocks spread all the same.
 */
export const silentBlockAnnouncer = byIntruder(
  'silent-block-announcer',
  ANNOUNCER_SHARE,
  ({ node, random, simulation }) => {
    node.tamper = (peer, bytes) => {
      const [confidant] = simulation.network.peersOf(node);
      if (peer === confidant) return [bytes];
      if (bytes[0] === MESSAGE_KINDS.block || bytes[0] === MESSAGE_KINDS.blockTransactions) return [];
      if (bytes[0] !== MESSAGE_KINDS.compactBlock) return [bytes];
      const message = decodeMessage(bytes);
      if (message.type !== 'compactBlock') return [bytes];
      simulation.statistics.recordFault('silent-block-announcer');
      return [encodeMessage({ ...message, shortIds: message.shortIds.map(() => random.below(SHORT_ID_BOUND)) })];
    };
  },
);
