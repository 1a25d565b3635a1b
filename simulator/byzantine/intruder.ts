import { type Block, encodeBlock } from '../../consensus/block.ts';
import { effectOf } from '../../consensus/connect.ts';
import { RuleError } from '../../consensus/errors.ts';
import type { BlockHeader } from '../../consensus/header.ts';
import { merkleRoot } from '../../consensus/merkle.ts';
import { receiptsLeaf } from '../../consensus/receipt.ts';
import { type Account, type AccountChanges, EMPTY_ACCOUNT } from '../../consensus/state.ts';
import { accountLeaf, StateTreeEditor } from '../../consensus/state-tree.ts';
import {
  COINBASE_EXTRA_NONCE_BYTES,
  type CoinbaseFields,
  encodeCoinbase,
  type SignedTransaction,
} from '../../consensus/transaction.ts';
import { contextAbove } from '../../protocol/header-index.ts';
import { encodeMessage, type Message } from '../../protocol/messages.ts';
import { wallSeconds } from '../../protocol/time.ts';
import type { Fault } from '../faults/fault.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { Simulation } from '../simulation.ts';
import { solveHeader } from '../solve.ts';

/** Honest nodes that an intruder connects to. */
const MAX_VICTIMS = 5;
/** How long an intruder's process lives, on average. */
const LIFE_MS = 90_000;

/** The parts of a block that an intruder chooses itself, in place of those of its template. */
export interface Twist {
  readonly coinbase?: Partial<CoinbaseFields>;
  readonly header?: Partial<Omit<BlockHeader, 'nonce'>>;
  readonly transactions?: readonly SignedTransaction[];
}

/**
 * A node that breaks the rules of the protocol. It has an honest core, from which it knows the chain. What the core sends
 * can be altered, and anything can be sent in addition.
 */
export class Intruder {
  readonly node: SimulatedNode;
  readonly simulation: Simulation;
  readonly random: SeededRandom;
  readonly strength: number;
  readonly #name: string;
  readonly #mines: boolean;

  /** @param part names the random stream, so that several intruders of one fault act differently */
  constructor(simulation: Simulation, name: string, strength: number, hashShare: number, part = name) {
    this.simulation = simulation;
    this.#name = name;
    this.random = simulation.stream(part);
    this.strength = strength;
    const { network, plan } = simulation;
    const victims = Array.from({ length: Math.min(plan.nodes, MAX_VICTIMS) }, () => this.random.below(plan.nodes));
    this.node = network.addNode({
      peers: [...new Set(victims)],
      hashrate: (simulation.equalHashrate(1) * hashShare) / (1 - hashShare),
    });
    simulation.byzantine.set(this.node, name);
    simulation.report(this.node, 'intruder', { conduct: name });
    this.#mines = hashShare > 0;
    if (this.#mines) simulation.setMining(this.node, 'continuous');
    // Without a hashrate it loses nothing by a new process, and so escapes its punishments.
    if (!this.#mines) simulation.repeat(this.random, LIFE_MS, () => this.renew());
  }

  /** Restarts as a new process, which the peers that have punished the old one accept again. */
  renew(): void {
    this.node.kill();
    this.node.start();
    if (this.#mines) this.simulation.setMining(this.node, 'continuous');
  }

  /** Connections to everyone that has said hello, by the core's list. */
  peers(): string[] {
    return this.node.core
      .peers()
      .filter(({ state }) => state === 'ready')
      .map(({ id }) => id);
  }

  send(peer: string, message: Message): void {
    this.sendBytes(peer, encodeMessage(message));
  }

  sendBytes(peer: string, bytes: Uint8Array): void {
    this.simulation.statistics.recordFault(this.#name);
    this.node.sendRaw(peer, bytes);
  }

  sendAll(message: Message): void {
    for (const peer of this.peers()) this.send(peer, message);
  }

  /** A block on the core's tip, altered by `twist`, with valid proof of work. */
  forge(twist: Twist = {}): Block {
    const { core, clock } = this.node;
    const template = core.template(wallSeconds(clock.instant()));
    const extraNonce = this.random.bytes(COINBASE_EXTRA_NONCE_BYTES);
    const signed = twist.transactions ?? template.transactions;
    const fees = signed.reduce((sum, { fee }) => sum + fee, 0n);
    const reward = BigInt.asUintN(64, template.coinbase.reward - template.fees + fees);
    const fields = { ...template.coinbase, reward, extraNonce, ...twist.coinbase };
    const stateRoot = twist.coinbase?.stateRoot ?? this.#stateRoot(signed, fields);
    const coinbase = encodeCoinbase({ ...fields, stateRoot });
    const transactions = [coinbase, ...signed];
    const root = merkleRoot(transactions.map(({ txid }) => txid));
    const header = { ...template.header, merkleRoot: root, ...twist.header };
    return encodeBlock({ ...header, nonce: solveHeader(header) }, transactions);
  }

  #stateRoot(transactions: readonly SignedTransaction[], coinbase: CoinbaseFields): string {
    const { core, store } = this.node;
    try {
      return effectOf(transactions, coinbase, store, contextAbove(core.chain.tip)).change.stateRoot;
    } catch (error) {
      if (error instanceof RuleError) return this.#carelessStateRoot(transactions, coinbase);
      throw error;
    }
  }

  /** The state root after executing the transfers without checking nonces and balances. Contracts are not executed. */
  #carelessStateRoot(transactions: readonly SignedTransaction[], coinbase: CoinbaseFields): string {
    const { store } = this.node;
    const changes: AccountChanges = new Map();
    const read = (address: string): Account => changes.get(address) ?? store.account(address) ?? EMPTY_ACCOUNT;
    const pay = (address: string, amount: bigint): void => {
      const account = read(address);
      changes.set(address, { ...account, balance: BigInt.asUintN(64, account.balance + amount) });
    };
    for (const transaction of transactions) {
      const { sender, amount, fee } = transaction;
      pay(sender, -fee);
      changes.set(sender, { ...read(sender), nonce: read(sender).nonce + 1n });
      if (transaction.kind !== 'transfer') continue;
      pay(sender, -amount);
      pay(transaction.recipient, amount);
    }
    pay(coinbase.recipient, coinbase.reward);
    const leaves = Array.from(changes, ([address, account]) => accountLeaf(address, account));
    return new StateTreeEditor(store).update(store.stateRoot, [...leaves, receiptsLeaf(null)]);
  }
}

/** A fault that an intruder causes. `hashShare` is its share of the total hashrate at full strength. */
export function byIntruder(name: string, hashShare: number, act: (intruder: Intruder) => void): Fault {
  return {
    install: (simulation, strength) => act(new Intruder(simulation, name, strength, hashShare * strength)),
  };
}
