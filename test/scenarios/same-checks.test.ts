import { describe, expect, it } from 'vitest';
import { DEVELOPMENT_ACCOUNTS } from '../../consensus/development-accounts.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import type { KeyPair } from '../../consensus/keys.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { encodeTransfer, type Transfer } from '../../consensus/transaction.ts';
import { nativeVerify } from '../../simulator/command/native-crypto.ts';
import { SimulatedNetwork } from '../../simulator/network.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { genesisPoint, keysOf } from '../../testing/chain-builder.ts';
import { quickTransfer } from '../../testing/quick-signing.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { mine, standing, submit, tipOf } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const COINS = 1_00000000n;
const COUNT = 10_000;
const PER_BLOCK = 100;
const people = DEVELOPMENT_ACCOUNTS.map(({ name }) => keysOf(name));
/** A point of order two: encoded well, and no key. */
const SMALL_ORDER = `ecff${'ff'.repeat(29)}7f`;

/** A transfer that may be fine, or wrong in any way that its bytes can be. */
function anything(random: SeededRandom, node: SimulatedNode): Transfer {
  const any = <T>(list: readonly T[]): T => list[random.u32() % list.length] as T;
  const from: KeyPair = any(people);
  const nonce = node.core.mempool.pendingAccount(from.address).nonce + any([0n, 0n, 0n, 1n, -1n, 3n, 90n]);
  const transfer = quickTransfer(
    {
      networkId: random.u32() % 50 === 0 ? 'ffffffff' : REGTEST.networkId,
      nonce: nonce < 0n ? 0n : nonce,
      recipient: any(people).address,
      amount: any([1n, COINS, 400n * COINS, 10n ** 15n, 2n ** 64n - 1n]),
      fee: any([0n, 100n, 1_000n, 1_100n, 5_000n]),
      memo: new Uint8Array(random.u32() % 60 === 0 ? 257 : random.u32() % 3),
    },
    from,
  );
  const twist = random.u32() % 100;
  if (twist === 0) return encodeTransfer({ ...transfer, senderKey: SMALL_ORDER });
  if (twist === 1) return encodeTransfer({ ...transfer, amount: transfer.amount ^ 1n });
  if (twist === 2) return encodeTransfer({ ...transfer, signature: transfer.signature.map(() => 0xff) });
  if (twist === 3) return encodeTransfer({ ...transfer, senderKey: bytesToHex(any(people).publicKey) });
  return transfer;
}

/** A node that hears of transactions from a peer; a new one, where the last was sent away. */
class ByPeer {
  readonly node: SimulatedNode;
  readonly #network: SimulatedNetwork;
  #peer: ScriptedPeer;
  #logsSeen = 0;

  constructor(network: SimulatedNetwork) {
    this.#network = network;
    this.node = network.addNode();
    this.#peer = this.#connect();
  }

  /** `accepted`, or the code for which it was refused, as the node has logged it or told its peer. */
  send(transfer: Transfer): string {
    this.#reconnect();
    this.#logsSeen = this.node.logs.length;
    this.#peer.send({ type: 'transactions', transactions: [transfer] });
    this.#network.runFor(1);
    const refusal = this.node.logs.slice(this.#logsSeen).find(({ message }) => message === 'transaction refused');
    const { code } = refusal?.fields ?? {};
    if (code !== undefined) return String(code);
    if (this.#peer.closedBecause !== null) return this.#peer.closedBecause.split(':')[0] ?? '';
    return this.node.core.mempool.has(transfer.txid) ? 'accepted' : 'ignored';
  }

  /** Takes the block that another node stands on. */
  follow(other: SimulatedNode): void {
    const hash = tipOf(other);
    this.#reconnect();
    this.#peer.send({ type: 'block', raw: other.store.body(hash) as Uint8Array });
    this.#network.runUntil(() => tipOf(this.node) === hash, 5_000, 'the same block');
  }

  #reconnect(): void {
    if (this.#peer.closedBecause !== null) this.#peer = this.#connect();
  }

  #connect(): ScriptedPeer {
    const peer = new ScriptedPeer(this.#network, this.node).hello(genesis);
    this.#network.runFor(40);
    return peer;
  }
}

describe('same-checks-both-ways', () => {
  it('same-checks-both-ways: API and peers accept and refuse the same 10,000 transactions with the same codes', {
    timeout: 180_000,
  }, () => {
    const network = new SimulatedNetwork({ seed: 21, verify: nativeVerify });
    const byApi = network.addNode();
    const byPeer = new ByPeer(network);
    const random = new SeededRandom(21);
    const codes = new Map<string, number>();
    for (let i = 0; i < COUNT; i++) {
      const transfer = anything(random, byApi);
      const code = submit(network, byApi, transfer);
      expect(byPeer.send(transfer), `transaction ${i}`).toBe(code);
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (i % PER_BLOCK !== PER_BLOCK - 1) continue;
      // Both follow the same blocks, so that they go on agreeing on the accounts.
      mine(network, byApi, 1);
      byPeer.follow(byApi);
    }
    expect(standing(byPeer.node)).toEqual(standing(byApi));
    // Nothing is shown by transactions that all meet the same end.
    expect([...codes.keys()].sort()).toEqual([
      'accepted',
      'bad-public-key',
      'bad-signature',
      'fee-too-low',
      'insufficient-balance',
      'memo-too-long',
      'nonce-too-far',
      'replacement-fee-too-low',
      'wrong-network',
      'wrong-nonce',
    ]);
    for (const [code, count] of codes) expect(count, code).toBeGreaterThan(5);
  });
});
