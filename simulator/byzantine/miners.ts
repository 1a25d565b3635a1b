import type { Address } from '../../consensus/address.ts';
import type { Block } from '../../consensus/block.ts';
import { DEVELOPMENT_ACCOUNTS } from '../../consensus/development-accounts.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import type { Hash } from '../../consensus/hash.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { developmentKeyPair } from '../../consensus/keys.ts';
import { signTransferWith } from '../../consensus/signature.ts';
import { type Account, EMPTY_ACCOUNT } from '../../consensus/state.ts';
import { encodeTransfer, type Transfer } from '../../consensus/transaction.ts';
import { type BlockEntry, medianTimeOf } from '../../protocol/header-index.ts';
import { MESSAGE_KINDS } from '../../protocol/messages.ts';
import { CONTRACT_TWISTS } from './contract-twists.ts';
import { byIntruder, type Intruder, type Twist } from './intruder.ts';

/** Spacings between two blocks of a miner with a fifth of the hashrate, and of one that only publishes invalid blocks. */
const SPACINGS_PER_BLOCK = 5;
const SPACINGS_PER_INVALID_BLOCK = 1;
/** Time after which all peers have disconnected a miner that has published an invalid block. */
const RENEWAL_MS = 2_000;
/** Fee of its own transfers, in base units. */
const FEE = 1_000n;
const HOUR_SECONDS = 3_600;
/** Secret blocks that an invalid one needs below it, and the mean interval at which a miner checks for them. */
const MIN_TAIL = 2;
const TAIL_WAIT_MS = 3_000;

/** Repeats something at the pace at which the intruder finds blocks. */
function repeatPerBlock(intruder: Intruder, act: () => void, spacingsPerBlock = SPACINGS_PER_BLOCK): void {
  const { simulation, random, strength, node } = intruder;
  simulation.repeat(random, (simulation.spacingMs * spacingsPerBlock) / (0.2 + 0.8 * strength), () => {
    if (node.isRunning && !node.core.chain.isMoving) act();
  });
}

function publish(intruder: Intruder, block: Block): void {
  intruder.sendAll({ type: 'block', raw: block.raw });
}

/** Spends its work on blocks that break a rule, each time another one. */
export const invalidMiner = byIntruder('invalid-miner', 0, (intruder) => {
  repeatPerBlock(
    intruder,
    () => {
      const twist = intruder.random.pick(twistsOf(intruder))?.(intruder);
      if (twist) publish(intruder, intruder.forge(twist));
      intruder.simulation.runLater(RENEWAL_MS, () => intruder.renew());
    },
    SPACINGS_PER_INVALID_BLOCK,
  );
});

/** Shows two blocks for the same height, each to one half of the network. */
export const equivocator = byIntruder('equivocator', 0, (intruder) => {
  repeatPerBlock(intruder, () => {
    const [left, right] = [intruder.forge(), intruder.forge()];
    intruder.peers().forEach((peer, i) => {
      intruder.send(peer, { type: 'block', raw: (i % 2 === 0 ? left : right).raw });
    });
  });
});

/** Gives its blocks extreme times: as far ahead or back as is allowed, and further. */
export const timeBender = byIntruder('time-bender', 0, (intruder) => {
  const { random, node } = intruder;
  repeatPerBlock(intruder, () => {
    const nowSeconds = Math.floor(node.clock.instant().wallMs / 1_000);
    const latestSeconds = nowSeconds + intruder.simulation.params.futureLimitSeconds;
    const { tip } = node.core.chain;
    const times = [
      latestSeconds - 1,
      latestSeconds,
      latestSeconds + 5,
      nowSeconds + HOUR_SECONDS,
      medianTime(intruder) + 1,
      medianTime(intruder),
      tip.record.header.time,
    ];
    publish(intruder, intruder.forge({ header: { time: random.pick(times) ?? nowSeconds } }));
  });
});

/**
 * Mines in secret, and publishes when others catch up: everything if they are at most one block behind, else up to their
 * height. From a quarter to a third of the hashrate on, that earns more than its share (Eyal and Sirer, "Majority Is Not
 * Enough", 2014, algorithm 1).
 */
export const selfishMiner = byIntruder('selfish-miner', 0.35, (intruder) => {
  const { node } = intruder;
  node.tamper = (_, bytes) => (tellsOfTip(bytes) && isOwn(node.core.chain.tip) ? [] : [bytes]);
  const shown = new Set<Hash>();
  node.onRest = () => {
    const { chain } = node.core;
    const secret = ownBlocksOf(chain.tip);
    const [lowest] = secret;
    if (!lowest || chain.isMoving) return;
    const othersHeight = heightOfOthers(chain.leaves());
    // No other block competes with its lowest secret one yet.
    if (othersHeight < lowest.record.height) return;
    const isClose = chain.tip.record.height - othersHeight <= 1;
    const target = isClose ? chain.tip.record.height : othersHeight;
    for (const entry of secret) {
      const { height, hash } = entry.record;
      if (height > target || shown.has(hash)) continue;
      shown.add(hash);
      publish(intruder, chain.readBlock(entry));
    }
  };
});

/** The blocks of its own at the end of a branch, lowest first. */
function ownBlocksOf(tip: BlockEntry): BlockEntry[] {
  const own: BlockEntry[] = [];
  for (let walk: BlockEntry | null = tip; walk && isOwn(walk); walk = walk.parent) own.push(walk);
  return own.reverse();
}

/** The height of the highest block that another node has mined, on any branch. */
function heightOfOthers(leaves: readonly BlockEntry[]): number {
  let height = 0;
  for (const leaf of leaves) {
    let walk: BlockEntry | null = leaf;
    while (walk && isOwn(walk)) walk = walk.parent;
    height = Math.max(height, walk?.record.height ?? 0);
  }
  return height;
}

function isOwn({ record }: BlockEntry): boolean {
  return record.firstSeenFrom === 'self';
}

function tellsOfTip([kind]: Uint8Array): boolean {
  return kind === MESSAGE_KINDS.compactBlock || kind === MESSAGE_KINDS.headers;
}

/** Mines a branch in secret, appends an invalid block, and publishes all at once: the reorg fails at its end. */
export const invalidTail = byIntruder('invalid-tail', 0.3, (intruder) => {
  const { node, random } = intruder;
  node.tamper = (_, bytes) => (tellsOfTip(bytes) && isOwn(node.core.chain.tip) ? [] : [bytes]);
  let shown = node.core.chain.tip;
  intruder.simulation.repeat(random, TAIL_WAIT_MS, () => {
    const { chain } = node.core;
    if (!node.isRunning || chain.isMoving || chain.tip === shown) return;
    const secret = ownBlocksOf(chain.tip);
    if (secret.length < MIN_TAIL) return;
    shown = chain.tip;
    for (const entry of secret) publish(intruder, chain.readBlock(entry));
    publish(intruder, intruder.forge(random.pick(twistsOf(intruder))?.(intruder)));
    intruder.simulation.runLater(RENEWAL_MS, () => intruder.renew());
  });
});

/** The median that the next block's time has to exceed. */
function medianTime({ node }: Intruder): number {
  return medianTimeOf(node.core.chain.tip);
}

/** A transfer of a development account, `from` or a random one, that could be in the next block but for `change`. */
function transfer(
  { node, simulation, random }: Intruder,
  change: (state: Account) => { amount?: bigint; nonce?: bigint; fee?: bigint },
  from?: Address,
): Transfer {
  const account = DEVELOPMENT_ACCOUNTS.find(({ address }) => address === from) ?? random.pick(DEVELOPMENT_ACCOUNTS);
  assertInvariant(account !== undefined, 'there are development accounts');
  const keys = developmentKeyPair(account);
  const state = node.store.account(keys.address) ?? EMPTY_ACCOUNT;
  const fields = { amount: 1n, fee: FEE, nonce: state.nonce, ...change(state) };
  const { networkId } = simulation.params;
  const recipient = DEVELOPMENT_ACCOUNTS[0]?.address ?? keys.address;
  const signer = simulation.crypto.signer(keys.secretKey);
  return signTransferWith({ networkId, recipient, memo: new Uint8Array(), ...fields }, signer);
}

/** One way to break each rule that a block with valid work can break. */
const TWISTS: readonly ((intruder: Intruder) => Twist)[] = [
  ({ node }) => ({ coinbase: { reward: reward(node) + 1n } }),
  ({ node }) => ({ coinbase: { reward: reward(node) - 1n } }),
  ({ random }) => ({ coinbase: { stateRoot: bytesToHex(random.bytes(32)) } }),
  ({ node }) => ({ coinbase: { height: node.core.chain.tip.record.height } }),
  (intruder) => ({ header: { time: medianTime(intruder) } }),
  ({ node }) => ({ header: { bits: node.core.template(0).header.bits - 1 } }),
  ({ random }) => ({ header: { merkleRoot: bytesToHex(random.bytes(32)) } }),
  ({ random }) => ({ coinbase: { tag: random.bytes(65) } }),
  // Transfers that cannot be executed, with the state root that executing them unchecked would give.
  (intruder) => ({ transactions: [transfer(intruder, ({ nonce }) => ({ nonce: nonce + 1n }))] }),
  (intruder) => ({ transactions: [transfer(intruder, ({ balance }) => ({ amount: balance }))] }),
  (intruder) => ({ transactions: [transfer(intruder, () => ({ amount: 2n ** 64n - 1n, fee: 2n ** 64n - 1n }))] }),
  (intruder) => {
    const once = transfer(intruder, () => ({}));
    return { transactions: [once, once] };
  },
  // Spends the reward of its own block.
  (intruder) => {
    const { recipient, fees } = intruder.node.core.template(0);
    const subsidy = reward(intruder.node) - fees;
    return {
      transactions: [transfer(intruder, ({ balance }) => ({ amount: balance + subsidy, fee: FEE }), recipient)],
    };
  },
  (intruder) => ({ transactions: [forged(transfer(intruder, () => ({})))] }),
];

/** Contracts have rules of their own, where there are some. */
function twistsOf({ simulation }: Intruder): readonly ((intruder: Intruder) => Twist)[] {
  return simulation.plan.contractShare > 0 ? [...TWISTS, ...CONTRACT_TWISTS] : TWISTS;
}

/** The same transfer under a signature that is not valid. */
function forged(signed: Transfer): Transfer {
  const signature = new Uint8Array(signed.signature);
  signature[0] = (signature[0] ?? 0) ^ 1;
  return encodeTransfer({ ...signed, signature });
}

function reward(node: Intruder['node']): bigint {
  return node.core.template(0).coinbase.reward;
}
