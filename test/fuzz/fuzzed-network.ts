import assert from 'node:assert/strict';
import { checkBlockContext, checkBlockSanity, decodeBlock, signedTransactionsOf } from '../../consensus/block.ts';
import { connectBlock } from '../../consensus/connect.ts';
import { checkHeaderSanity } from '../../consensus/header.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { type SignatureCheck, signatureCheckOf } from '../../consensus/signature.ts';
import { totalSubsidy } from '../../consensus/subsidy.ts';
import type { Transfer } from '../../consensus/transaction.ts';
import { MAX_PEERS } from '../../protocol/dialling.ts';
import { contextAbove } from '../../protocol/header-index.ts';
import { MAX_QUEUED, MAX_READY } from '../../protocol/policy.ts';
import { nativeVerify } from '../../simulator/command/native-crypto.ts';
import { MemoryStore } from '../../simulator/memory-store.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { genesisPoint, keysOf, transferAt } from '../../testing/chain-builder.ts';
import { mine } from '../../testing/simulated.ts';
import type { HostilePeer, Loot } from './hostile-peer.ts';

const NODES = 3;
const FIRST_BLOCKS = 4;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** Virtual time in which honest nodes find each other again: longest pause between dials, and some more. */
const REUNION_MS = 15 * MINUTE_MS;
const AGREEMENT_MS = 5 * MINUTE_MS;
/** Remembered addresses and discouraged peers of a node, as `addresses.ts` and `peers.ts` bound them. */
const MAX_REMEMBERED = 1_000;
/** Things that may lie ahead on the clock of three nodes: alarms that were replaced are among them. */
const MAX_SCHEDULED = 20_000;
/** Why two honest nodes may part: two connections where one is enough, or one's own address dialled. */
const FRIENDLY = [
  'a second connection between the same nodes',
  'connected to itself',
  'connection lost',
  'disconnected by the operator',
  'gave none of the blocks that it was asked for',
  'answered no request for headers',
  // The answer to a goodbye.
  '',
];

/**
 * On loopback a caller is known by the nonce of its hello, which others can steal and then misbehave with: the one whom
 * it belongs to is not talked to for a while, unless it is connected already.
 */
const FRAMED = 'you misbehaved recently';

const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];
const genesis = genesisPoint(REGTEST);

/** Transfers that are signed once for all runs: two accounts, nonces in order, fees good and too low. */
export const TRANSFERS: readonly Transfer[] = [alice, bob].flatMap((from, i) =>
  Array.from({ length: 8 }, (_, nonce) =>
    transferAt(genesis, from, (i === 0 ? bob : alice).address, {
      nonce: BigInt(nonce),
      amount: nonce === 5 ? 90_000_000_000n : 1_000n,
      fee: nonce === 6 ? 1n : 1_000n + BigInt(nonce),
      memo: new Uint8Array(nonce * 3),
    }),
  ),
);

const verdicts = new Map<string, boolean>();

/** The same signatures come again in every run. */
function rememberedVerify(check: SignatureCheck): boolean {
  const key = Buffer.concat([check.publicKey, check.signature, check.message]).toString('hex');
  const known = verdicts.get(key);
  if (known !== undefined) return known;
  if (verdicts.size > 10_000) verdicts.clear();
  const verdict = nativeVerify(check);
  verdicts.set(key, verdict);
  return verdict;
}

/** Three honest nodes that know each other, and what hostile peers do to them. */
export class FuzzedNetwork {
  readonly network: SimulatedNetwork;
  readonly nodes: readonly SimulatedNode[];
  readonly loot: Loot = { blocks: new Map(), nonces: [] };
  readonly hostile: HostilePeer[] = [];
  /** A hostile peer has used the nonce of an honest node. */
  hasStolenNonce = false;
  /** Blocks that an operator ruled out, by node. */
  readonly ruledOut: [node: SimulatedNode, hash: string][] = [];

  constructor(seed: number) {
    this.network = new SimulatedNetwork({ seed, verify: rememberedVerify });
    this.#watchDisconnects();
    this.nodes = Array.from({ length: NODES }, (_, index) =>
      this.network.addNode({ peers: Array.from({ length: index }, (_each, peer) => peer) }),
    );
    this.network.runUntil(() => this.isConnected(), REUNION_MS, 'connections');
    mine(this.network, this.node(0), FIRST_BLOCKS);
    this.network.runUntil(() => this.isAgreed(), AGREEMENT_MS, 'one tip');
    this.plunder();
  }

  node(index: number): SimulatedNode {
    const node = this.nodes[index % this.nodes.length];
    assert.ok(node);
    return node;
  }

  isConnected(): boolean {
    return this.nodes.every((node) => {
      const urls = new Set(
        node.core
          .peers()
          .filter(({ state }) => state === 'ready')
          .map(({ url }) => url),
      );
      return this.nodes.every((other) => other === node || urls.has(other.url));
    });
  }

  isAgreed(): boolean {
    return new Set(this.nodes.map((node) => node.core.chain.tip.record.hash)).size === 1;
  }

  /** Takes note of the blocks that honest nodes have. */
  plunder(): void {
    for (const node of this.nodes) {
      const { chain } = node.core;
      for (let entry = chain.tip; entry.parent && !this.loot.blocks.has(entry.record.hash); entry = entry.parent) {
        this.loot.blocks.set(entry.record.hash, chain.readBlock(entry));
      }
    }
  }

  /** What must hold at any moment, however the network is treated. */
  check(): void {
    for (const node of this.nodes) checkNode(node);
    assert.ok(this.network.clock.pending < MAX_SCHEDULED, `${this.network.clock.pending} things are scheduled`);
  }

  /** The hostile leave, operators take back what they did, and the honest nodes must come to work as before. */
  recover(): void {
    for (const peer of this.hostile) peer.leave();
    for (const [node, blockHash] of this.ruledOut) {
      node.request((request) => ({ type: 'reconsider-block', request, blockHash }));
    }
    this.network.runUntil(() => this.isConnected(), REUNION_MS, 'a connection of all honest nodes');
    // Blocks found at the same time are a tie, which the next block decides.
    this.network.runUntil(() => this.#isLevel(), AGREEMENT_MS, 'tips of the same work');
    this.check();
    const before = this.node(0).core.chain.tip.record.height;
    mine(this.network, this.node(1), 1);
    this.network.runUntil(() => this.isAgreed(), AGREEMENT_MS, 'one tip after a new block');
    assert.ok(this.node(0).core.chain.tip.record.height > before);
    for (const node of this.nodes) checkWholeChain(node);
  }

  #isLevel(): boolean {
    const tips = this.nodes.map((node) => node.core.chain.tip.record.chainWork);
    return new Set(tips).size === 1 && this.nodes.every((node) => !node.core.chain.isMoving);
  }

  /** Honest nodes never send each other away for a misdeed. */
  #watchDisconnects(): void {
    const { network } = this;
    const disconnect = network.disconnect.bind(network);
    network.disconnect = (from, peer, reason) => {
      const open = this.hostile.filter(({ isOpen }) => isOpen).length;
      disconnect(from, peer, reason);
      const isHostile = this.hostile.filter(({ isOpen }) => isOpen).length < open;
      const isFramed = this.hasStolenNonce && reason === FRAMED;
      assert.ok(isHostile || isFramed || FRIENDLY.includes(reason), `an honest node sends another away: ${reason}`);
    };
  }
}

function checkNode({ core, store, isRunning }: SimulatedNode): void {
  assert.ok(isRunning);
  const { chain, mempool, params } = core;
  const { record } = chain.tip;
  assert.equal(store.tip, record.hash);
  assert.equal(store.supply(), params.allocationTotal + totalSubsidy(record.height, params), 'the supply');
  assert.ok(mempool.readyCount <= MAX_READY && mempool.queuedCount <= MAX_QUEUED);
  assert.ok(core.peers().length <= MAX_PEERS);
  assert.ok([...store.addresses()].length <= MAX_REMEMBERED && [...store.discouraged()].length <= MAX_REMEMBERED);
  if (chain.isMoving) return;
  const journal = [...store.journal()].map(({ txid }) => txid).sort();
  const pending = mempool
    .byFeeRate()
    .map(({ transaction }) => transaction.txid)
    .sort();
  assert.deepEqual(journal, pending, 'the journal is the mempool');
  for (const leaf of chain.leaves()) {
    const isBetter = leaf.record.arrival > 0 && !leaf.failure && leaf.record.chainWork > record.chainWork;
    assert.ok(!isBetter, 'a branch that is known, valid and whole has more work than the active chain');
  }
}

/** Goes through all rules again from genesis on, apart from the node's own code for it. */
function checkWholeChain(node: SimulatedNode): void {
  const { chain, params } = node.core;
  const replica = new MemoryStore(params);
  for (let height = 1; height <= chain.tip.record.height; height++) {
    const raw = node.store.body(chain.activeAt(height)?.record.hash ?? '');
    assert.ok(raw, `the body of block ${height}`);
    const block = decodeBlock(raw);
    assert.equal(block.header.prevHash, replica.tip);
    checkHeaderSanity(block.header, block.hash, params);
    checkBlockSanity(block, params);
    checkBlockContext(block, height);
    assert.ok(
      signedTransactionsOf(block).every((transfer) => rememberedVerify(signatureCheckOf(transfer))),
      'a signature',
    );
    const parent = chain.activeAt(height - 1);
    assert.ok(parent, `block ${height - 1}`);
    const effect = connectBlock(block, contextAbove(parent), replica, params);
    replica.apply([
      { kind: 'body', blockHash: block.hash, raw },
      { kind: 'connect', block, height, ...effect },
    ]);
  }
  assert.equal(node.store.tip, replica.tip);
  assert.equal(node.store.stateRoot, replica.stateRoot);
  assert.equal(node.store.supply(), replica.supply());
}
