import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import type { SignatureCheck } from '../../consensus/signature.ts';
import { encodeTransfer, type Transfer } from '../../consensus/transaction.ts';
import { MAX_WAITING_TRANSACTIONS } from '../../protocol/block-download.ts';
import { MAX_IN_FLIGHT_PER_PEER } from '../../protocol/delivery.ts';
import type { NodeEvent } from '../../protocol/events.ts';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { decodeMessage, encodeMessage, type Message } from '../../protocol/messages.ts';
import { ForkloreNode } from '../../protocol/node.ts';
import { MAX_QUEUED_PER_ACCOUNT } from '../../protocol/policy.ts';
import { nativeVerify } from '../../simulator/command/native-crypto.ts';
import { MemoryStore } from '../../simulator/memory-store.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import { type ChainPoint, genesisPoint, keysOf, mineBlock, pathTo, transferAt } from '../../testing/chain-builder.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { submit } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];
const PEER = 'peer';

/** A core whose signatures are verified when the test says so, and whose peers are the test's. */
class HeldCore {
  readonly core: ForkloreNode;
  /** Ids of the verifications that are under way, and how many signatures each has. */
  readonly verifying: { id: number; count: number }[] = [];
  /** Hashes of all bodies that were asked for, with the peer. */
  readonly asked: { peer: string; hash: string }[] = [];
  readonly #store = new MemoryStore(REGTEST);
  #nowMs = 1_800_000_000_000;
  #nonce = 0n;

  constructor() {
    const tag = new Uint8Array();
    const miner = { mode: 'off', threads: 1, hashrateLimit: 0, intervalMs: 1, recipient: null, tag } as const;
    const config = { params: REGTEST, listenUrl: null, userAgent: 'test', peers: [], learnAddresses: false, miner };
    this.core = new ForkloreNode(config, this.#store, this.#store, new SeededRandom(1), this.#now());
    this.handle({ type: 'start' });
  }

  /** A peer of that name connects, and says that it stands there. */
  connect(peer: string, tip: ChainPoint): this {
    this.#nonce++;
    this.handle({
      type: 'peer-connected',
      peer,
      direction: 'inbound',
      address: `${peer}:1`,
      host: peer,
      loopback: true,
    });
    return this.receive(peer, {
      type: 'hello',
      version: PROTOCOL_VERSION,
      genesisHash: REGTEST.genesis.hash,
      nonce: this.#nonce,
      tipHash: tip.block.hash,
      height: tip.height,
      chainWork: tip.chainWork,
      listenUrl: null,
      userAgent: peer,
    });
  }

  receive(peer: string, message: Message): this {
    return this.handle({ type: 'peer-message', peer, bytes: encodeMessage(message) });
  }

  /** All signatures of one verification are valid, or none is. */
  verified({ id, count }: { id: number; count: number }, isValid = true): this {
    return this.handle({ type: 'verified', id, valid: new Array<boolean>(count).fill(isValid) });
  }

  handle(event: NodeEvent): this {
    const events = [event];
    for (const next of events) {
      for (const effect of this.core.handleEvent(next, this.#now())) {
        if (effect.type === 'persist') this.#store.apply(effect.writes);
        if (effect.type === 'continue') events.push({ type: 'continue' });
        if (effect.type === 'verify') this.verifying.push({ id: effect.id, count: effect.checks.length });
        const message = effect.type === 'send' ? decodeMessage(effect.bytes) : null;
        if (effect.type !== 'send' || message?.type !== 'getBlocks') continue;
        this.asked.push(...message.blockHashes.map((hash) => ({ peer: effect.peer, hash })));
      }
    }
    return this;
  }

  #now() {
    this.#nowMs++;
    return { wallMs: this.#nowMs, monotonicMs: this.#nowMs };
  }
}

describe('signatures', () => {
  it('of a peer are judged in the order in which its messages came, whichever is verified first', () => {
    const node = new HeldCore().connect(PEER, genesis);
    const transfers = Array.from({ length: MAX_QUEUED_PER_ACCOUNT + 16 }, (_, i) =>
      transferAt(genesis, alice, bob.address, { nonce: BigInt(i), fee: 1_000n }),
    );
    // Before the first one, the later ones would be one more than an account may have waiting.
    const [first, ...later] = transfers as [Transfer, ...Transfer[]];
    node.receive(PEER, { type: 'transactions', transactions: [first] });
    node.receive(PEER, { type: 'transactions', transactions: later });
    const [early, late] = node.verifying as [(typeof node.verifying)[0], (typeof node.verifying)[0]];
    node.verified(late);
    expect(node.core.mempool.size).toBe(0);
    node.verified(early);
    expect(node.core.mempool.size).toBe(transfers.length);
  });

  it('that were verified for the mempool are not verified again in a block, even when the mempool has let them go', () => {
    const checks: SignatureCheck[] = [];
    const network = new SimulatedNetwork({
      seed: 21,
      verify: (check) => {
        checks.push(check);
        return nativeVerify(check);
      },
    });
    const node = network.addNode();
    network.runFor(REGTEST.spacingSeconds * 1_000);
    const replaced = transferAt(genesis, alice, bob.address, { fee: 1_000n });
    const replacement = transferAt(genesis, alice, bob.address, { fee: 2_000n });
    expect(submit(network, node, replaced)).toBe('accepted');
    expect(submit(network, node, replacement)).toBe('accepted');
    expect(checks).toHaveLength(2);
    const unknown = transferAt(genesis, bob, alice.address, { fee: 1_000n });
    const block = mineBlock(genesis, { transfers: [replaced, unknown] });
    new ScriptedPeer(network, node).hello(block);
    network.runUntil(() => node.core.chain.tip.record.hash === block.block.hash, 30_000);
    expect(checks.slice(2).map(({ signature }) => signature)).toEqual([unknown.signature]);
  });
});

describe('bodies', () => {
  const headersOf = (tip: ChainPoint): Message => ({
    type: 'headers',
    headers: pathTo(tip).map(({ block }) => block.header),
  });

  it('are fetched no faster than blocks are connected', () => {
    const perBlock = 1_100;
    const waitingBlocks = Math.ceil(MAX_WAITING_TRANSACTIONS / perBlock);
    const template = transferAt(genesis, alice, bob.address);
    let tip = genesis;
    for (let block = 0; block < MAX_IN_FLIGHT_PER_PEER + 4; block++) {
      // Signatures that are well-formed, and never verified.
      const transfers = Array.from({ length: perBlock }, (_, i) =>
        encodeTransfer({ ...template, nonce: BigInt(block * perBlock + i) }),
      );
      tip = mineBlock(tip, { transfers });
    }
    const path = pathTo(tip);
    const node = new HeldCore().connect(PEER, tip).receive(PEER, headersOf(tip));
    // All that is asked for comes at once, and none of it can be connected.
    for (let i = 0; i < node.asked.length; i++)
      node.receive(PEER, { type: 'block', raw: path[i]?.block.raw ?? new Uint8Array() });
    const count = node.asked.length;
    expect(node.asked.map(({ hash }) => hash)).toEqual(path.slice(0, count).map(({ block }) => block.hash));
    expect(count).toBeGreaterThanOrEqual(waitingBlocks);
    expect(count).toBeLessThan(path.length);
    for (let i = 0; i < count - waitingBlocks; i++) node.verified(node.verifying[i]!);
    expect(node.asked).toHaveLength(count);
    node.verified(node.verifying[count - waitingBlocks]!);
    expect(node.asked.length).toBeGreaterThan(count);
  });

  it('of the next best branch are asked for when the best one turns out to be invalid', () => {
    const spend = (nonce: bigint) => transferAt(genesis, alice, bob.address, { nonce, fee: 1_000n });
    const one = mineBlock(genesis, { transfers: [spend(0n)] });
    const forged = mineBlock(mineBlock(mineBlock(one, { transfers: [spend(1n)] })));
    const honest = mineBlock(mineBlock(mineBlock(genesis, { extraNonce: 1 })));
    const node = new HeldCore().connect('forger', forged).connect('honest', honest);
    node.receive('forger', headersOf(forged)).receive('honest', headersOf(honest));
    for (const { block } of pathTo(forged)) node.receive('forger', { type: 'block', raw: block.raw });
    // Its sender has gone by the time that it is judged.
    node.handle({ type: 'peer-closed', peer: 'forger', reason: 'closed' });
    node.verified(node.verifying[0]!);
    expect(node.core.chain.tip.record.hash).toBe(one.block.hash);
    node.asked.length = 0;
    node.verified(node.verifying[1]!, false);
    expect(node.asked).toEqual(pathTo(honest).map(({ block }) => ({ peer: 'honest', hash: block.hash })));
  });
});
