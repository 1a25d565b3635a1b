import { describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import type { SignatureCheck } from '../../consensus/signature.ts';
import type { Transfer } from '../../consensus/transaction.ts';
import { PROTOCOL_VERSION } from '../../protocol/limits.ts';
import { encodeMessage, type Message } from '../../protocol/messages.ts';
import { ForkloreNode } from '../../protocol/node.ts';
import { MAX_QUEUED_PER_ACCOUNT } from '../../protocol/policy.ts';
import { MemoryStore } from '../../simulator/memory-store.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import { genesisPoint, keysOf, mineBlock, transferAt } from '../support/chain-builder.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';
import { nativeVerify, submit } from '../support/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob] = [keysOf('Alice'), keysOf('Bob')];
const PEER = 'peer';

/** A core whose signatures are verified when the test says so, with one peer that has said hello. */
class HeldCore {
  readonly core: ForkloreNode;
  /** Ids of the verifications that are under way, and how many signatures each has. */
  readonly verifying: { id: number; count: number }[] = [];
  #nowMs = 1_800_000_000_000;

  constructor() {
    const store = new MemoryStore(REGTEST);
    const miner = {
      mode: 'off',
      threads: 1,
      hashrateLimit: 0,
      intervalMs: 1,
      recipient: null,
      tag: new Uint8Array(),
    } as const;
    const config = { params: REGTEST, listenUrl: null, userAgent: 'test', peers: [], learnAddresses: false, miner };
    this.core = new ForkloreNode(config, store, store, new SeededRandom(1), this.#now());
    this.handle({ type: 'start' });
    const address = '127.0.0.1:1';
    this.handle({
      type: 'peer-connected',
      peer: PEER,
      direction: 'inbound',
      address,
      host: '127.0.0.1',
      loopback: true,
    });
    this.receive({
      type: 'hello',
      version: PROTOCOL_VERSION,
      genesisHash: REGTEST.genesis.hash,
      nonce: 1n,
      tipHash: REGTEST.genesis.hash,
      height: 0,
      chainWork: genesis.chainWork,
      listenUrl: null,
      userAgent: 'peer',
    });
  }

  receive(message: Message): void {
    this.handle({ type: 'peer-message', peer: PEER, bytes: encodeMessage(message) });
  }

  /** All signatures of one verification are valid. */
  verified({ id, count }: { id: number; count: number }): void {
    this.handle({ type: 'verified', id, valid: new Array<boolean>(count).fill(true) });
  }

  handle(event: Parameters<ForkloreNode['handleEvent']>[0]): void {
    for (const effect of this.core.handleEvent(event, this.#now())) {
      if (effect.type === 'verify') this.verifying.push({ id: effect.id, count: effect.checks.length });
    }
  }

  #now() {
    this.#nowMs++;
    return { wallMs: this.#nowMs, monotonicMs: this.#nowMs };
  }
}

describe('signatures', () => {
  it('of a peer are judged in the order in which its messages came, whichever is verified first', () => {
    const node = new HeldCore();
    const transfers = Array.from({ length: MAX_QUEUED_PER_ACCOUNT + 16 }, (_, i) =>
      transferAt(genesis, alice, bob.address, { nonce: BigInt(i), fee: 1_000n }),
    );
    // Before the first one, the later ones would be one more than an account may have waiting.
    const [first, ...later] = transfers as [Transfer, ...Transfer[]];
    node.receive({ type: 'transactions', transfers: [first] });
    node.receive({ type: 'transactions', transfers: later });
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
