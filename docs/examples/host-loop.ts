// Two nodes in one process, with no socket, disk or thread. Run it with: npx tsx docs/examples/host-loop.ts
import { COIN, formatAmount } from '../../consensus/amount.ts';
import { DEVELOPMENT_MNEMONIC } from '../../consensus/development-accounts.ts';
import { deriveKeyPair } from '../../consensus/keys.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { signTransfer, verifySignature } from '../../consensus/signature.ts';
import { COINBASE_EXTRA_NONCE_BYTES } from '../../consensus/transaction.ts';
import { networkIdOf } from '../../consensus/transaction-parts.ts';
import type { NodeEvent } from '../../protocol/events.ts';
import { ForkloreNode, type NodeConfig } from '../../protocol/node.ts';
import type { Notice } from '../../protocol/notices.ts';
import { Outbox, type OutwardEffect } from '../../protocol/outbox.ts';
import { MemoryStore } from '../../simulator/memory-store.ts';
import { solveHeader } from '../../simulator/solve.ts';

/** Nodes that can be called. */
const hosts = new Map<string, Host>();
const now = () => ({ wallMs: Date.now(), monotonicMs: performance.now() });
const random = { u32: () => Math.floor(Math.random() * 2 ** 32) };

/** Hosts one core: hands it events, and performs its effects. Peers are named by their URLs. */
class Host {
  readonly store = new MemoryStore(REGTEST);
  readonly #url: string;
  readonly #core: ForkloreNode;
  readonly #onNotice: (notice: Notice) => void;
  #inbox: NodeEvent[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(config: NodeConfig, url: string, onNotice: (notice: Notice) => void) {
    this.#core = new ForkloreNode(config, this.store, this.store, random, now());
    this.#url = url;
    this.#onNotice = onNotice;
    hosts.set(url, this);
    this.emit({ type: 'start' });
  }

  /** Hands the core an event as soon as it is done with the present ones. */
  emit(event: NodeEvent): void {
    if (this.#inbox.push(event) === 1) setImmediate(() => this.#handleWaiting());
  }

  /** Lets the core say goodbye, and calls it no more. */
  stop(): void {
    this.#inbox = [{ type: 'stop' }];
    this.#handleWaiting();
    hosts.delete(this.#url);
    clearTimeout(this.#timer);
  }

  /** The loop: events in, their writes into one transaction, its commit, and only then what others are told. */
  #handleWaiting(): void {
    if (hosts.get(this.#url) !== this) return;
    const outbox = new Outbox();
    for (const event of this.#inbox.splice(0)) {
      const { writes, atOnce } = outbox.admit(this.#core.handleEvent(event, now()));
      this.store.apply(writes);
      for (const effect of atOnce) this.#perform(effect);
    }
    this.store.commit();
    for (const effect of outbox.release()) this.#perform(effect);
  }

  #perform(effect: OutwardEffect): void {
    switch (effect.type) {
      case 'dial': {
        const { url } = effect;
        const called = hosts.get(url);
        if (!called) return this.emit({ type: 'dial-failed', url, reason: 'nobody is there' });
        called.emit(connected(this.#url, 'inbound'));
        return this.emit(connected(url, 'outbound'));
      }
      case 'send':
        return hosts.get(effect.peer)?.emit({ type: 'peer-message', peer: this.#url, bytes: effect.bytes });
      case 'disconnect':
        hosts.get(effect.peer)?.emit({ type: 'peer-closed', peer: this.#url, reason: effect.reason });
        return this.emit({ type: 'peer-closed', peer: effect.peer, reason: effect.reason });
      case 'verify':
        return this.emit({ type: 'verified', id: effect.id, valid: effect.checks.map(verifySignature) });
      case 'start-mining': {
        const { job, template } = effect.job;
        const extraNonce = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
        return this.emit({ type: 'mined', solution: { job, extraNonce, nonce: solveHeader(template.header) } });
      }
      case 'set-timer': {
        clearTimeout(this.#timer);
        if (effect.atMonotonicMs === null) return;
        const delayMs = Math.max(0, Math.ceil(effect.atMonotonicMs - performance.now()));
        this.#timer = setTimeout(() => this.emit({ type: 'timer' }), delayMs);
        return;
      }
      case 'continue':
        return this.emit({ type: 'continue' });
      case 'publish':
        return this.#onNotice(effect.notice);
      case 'reply':
        if (!effect.reply.ok) throw new Error(effect.reply.message);
        return;
      // Left out here: `log`, and what a mine of real difficulty needs, `cancel-mining` and `configure-mining`.
    }
  }
}

function connected(url: string, direction: 'inbound' | 'outbound'): NodeEvent {
  return { type: 'peer-connected', peer: url, direction, address: url, host: new URL(url).hostname, loopback: true };
}

function configOf(listenUrl: string, peers: string[]): NodeConfig {
  const limits = { threads: 1, hashrateLimit: 0, intervalMs: 10_000 };
  const miner = { mode: 'off', ...limits, recipient: carol.address, tag: new Uint8Array() } as const;
  return { params: REGTEST, listenUrl, userAgent: 'host-loop', peers, learnAddresses: false, miner };
}

const alice = deriveKeyPair(DEVELOPMENT_MNEMONIC, 0);
const bob = deriveKeyPair(DEVELOPMENT_MNEMONIC, 1);
const carol = deriveKeyPair(DEVELOPMENT_MNEMONIC, 2);
const NORTH = 'http://127.0.0.1:5000';
const SOUTH = 'http://127.0.0.1:5001';

// North mines as soon as it has heard of a transaction.
const north = new Host(configOf(NORTH, []), NORTH, (notice) => {
  if (notice.kind === 'mempool' && notice.added.length > 0) {
    console.log(`north: pending ${notice.size}`);
    north.emit({ type: 'mine', request: 1, count: 1, recipient: null, transactions: null, parent: null });
  } else if (notice.kind === 'block') console.log(`north: block ${notice.height}, mined here`);
});

// South is given the transaction. The program ends when it has the block.
const south = new Host(configOf(SOUTH, [NORTH]), SOUTH, (notice) => {
  if (notice.kind === 'mempool' && notice.added.length > 0) console.log(`south: pending ${notice.size}`);
  if (notice.kind !== 'block') return;
  const balance = south.store.account(bob.address)?.balance ?? 0n;
  console.log(`south: block ${notice.height}, received; Bob has ${formatAmount(balance)} coins`);
  setImmediate(() => {
    for (const host of [south, north]) host.stop();
  });
});
const payment = { recipient: bob.address, amount: 10n * COIN, fee: COIN / 100n, nonce: 0n, memo: new Uint8Array() };
const { raw } = signTransfer({ ...payment, networkId: networkIdOf(REGTEST.genesis.hash) }, alice.secretKey);
south.emit({ type: 'submit', request: 1, raw });
