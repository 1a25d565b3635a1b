import { randomBytes } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import type { Address } from '../../consensus/address.ts';
import type { Network } from '../../consensus/genesis.ts';
import { quotable } from '../../consensus/quotable.ts';
import type { NodeEvent } from '../../protocol/events.ts';
import type { OfferedJob } from '../../protocol/mining-job.ts';
import { MAX_PAYEES } from '../../protocol/offered-jobs.ts';
import { listen } from '../http/listen.ts';
import { ListenError } from '../http/listen-error.ts';
import { SocketQuota } from '../http/socket-quota.ts';
import type { StratumPlace } from '../node/node-options.ts';
import { OptionError } from '../process/expected-error.ts';
import type { LineLog } from '../process/rated-log.ts';
import { settingName } from '../process/setting-name.ts';
import { parseRecipient } from '../settings/network-values.ts';
import { clientOf, hostAndPort, plainAddress } from '../transport/remote-address.ts';
import { StratumConnection } from './connection.ts';
import type { NamedJob } from './job-message.ts';
import { type ShareCounts, StratumSession } from './session.ts';
import { EXTRA_NONCE_1_BYTES } from './share.ts';
import {
  HANDSHAKE_MS,
  MAX_CONNECTIONS,
  MAX_CONNECTIONS_PER_CLIENT,
  MAX_PAYEES_PER_CLIENT,
  MAX_SILENCE_MS,
  SWEEP_MS,
} from './stratum-limits.ts';
import { StratumRefusal } from './stratum-message.ts';
import type { StratumMinerView, StratumView } from './stratum-view.ts';

export interface StratumServerOptions {
  readonly place: StratumPlace;
  readonly network: Network;
  readonly log: LineLog;
  /** Hands the core an event. */
  emit(event: NodeEvent): void;
  /** A program has begun to mine, or one that mined is gone. */
  onMiners(): void;
  /** The clock that users see, in Unix milliseconds. */
  nowMs(): number;
  /** A clock that never goes back, in milliseconds. */
  monotonicMs(): number;
}

interface Miner {
  readonly id: string;
  /** Who is counted as one. */
  readonly client: string;
  readonly connection: StratumConnection;
  readonly session: StratumSession;
  readonly connectedAtMs: number;
}

const NO_SHARES: ShareCounts = { accepted: 0, stale: 0, refused: 0 };

/**
 * Mining for programs outside of the node, over Stratum v1: the sockets, and between them and the core the jobs. It keeps
 * the newest job of each payee; which jobs there are, and when they end, is the core's to say.
 */
export class StratumServer {
  readonly #options: StratumServerOptions;
  readonly #server = createServer((socket) => this.#open(socket));
  readonly #quota = new SocketQuota({ maxPerClient: MAX_CONNECTIONS_PER_CLIENT, maxTotal: MAX_CONNECTIONS });
  readonly #miners = new Set<Miner>();
  readonly #newestJobs = new Map<Address, NamedJob>();
  /** Jobs that were offered. A core that begins anew counts its own from 1 again, and so does not name them. */
  #offered = 0;
  /** Of connections that are closed. */
  #pastShares = NO_SHARES;
  #pastBlocks = 0;
  #opened = 0;
  /** Each session's part of the extra nonce is the next number, from a random one on. */
  #extraNonce1 = randomBytes(EXTRA_NONCE_1_BYTES).readUInt32BE();
  #port = 0;
  #sweep: NodeJS.Timeout | null = null;

  constructor(options: StratumServerOptions) {
    this.#options = options;
  }

  /** Begins to accept connections. Throws `ListenError`. */
  async start(): Promise<void> {
    const { place } = this.#options;
    const flag = settingName('stratum');
    try {
      this.#port = await listen(this.#server, { ...place, portFlag: flag, hostFlag: flag });
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      // Another port of the node would not help, as it would where its own is taken.
      const address = hostAndPort(place.host, place.port);
      throw new ListenError(`mining programs cannot connect at ${address}: ${error.message}`);
    }
    this.#sweep = setInterval(() => this.closeSilent(), SWEEP_MS);
    this.#options.log.info({ address: this.#listens }, 'mining programs can connect');
  }

  /** A job for the mining programs of its recipient. */
  offer(job: OfferedJob): void {
    const { recipient } = job.template;
    this.#offered++;
    this.#newestJobs.set(recipient, { id: this.#offered.toString(16), offered: job });
    const nowMs = this.#options.monotonicMs();
    for (const { session } of this.#miners) if (session.payee === recipient) session.offer(nowMs);
  }

  /** All jobs are stale. */
  withdraw(): void {
    this.#newestJobs.clear();
    for (const { session } of this.#miners) session.withdraw();
  }

  /** Tells the core for whom jobs are wanted. To be called for a new core. */
  tellPayees(): void {
    const payees = this.#payees();
    for (const payee of this.#newestJobs.keys()) if (!payees.has(payee)) this.#newestJobs.delete(payee);
    this.#options.emit({ type: 'set-payees', payees: [...payees] });
  }

  view(): StratumView {
    const nowMs = this.#options.monotonicMs();
    const miners = [...this.#miners].flatMap((miner) => minerView(miner, nowMs) ?? []);
    return {
      listens: this.#listens,
      connections: this.#miners.size,
      miners,
      hashrate: miners.reduce((sum, { hashrate }) => sum + hashrate, 0),
      shares: [...this.#miners].reduce((sum, { session }) => added(sum, session.shares), this.#pastShares),
      blocks: [...this.#miners].reduce((sum, { session }) => sum + session.blocks, this.#pastBlocks),
    };
  }

  /** Ends connections that have mined for nobody, or said nothing, for too long. */
  closeSilent(): void {
    const nowMs = this.#options.monotonicMs();
    for (const { connection, session } of this.#miners) {
      if (session.payee === null && nowMs - connection.openedMs > HANDSHAKE_MS) {
        connection.close('did not say for whom it mines');
      } else if (nowMs - connection.lastLineMs > MAX_SILENCE_MS) connection.close('sent nothing for too long');
    }
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    if (this.#sweep) clearInterval(this.#sweep);
    for (const { connection } of this.#miners) connection.close('the node is shutting down');
    if (!this.#server.listening) return;
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #listens(): string {
    return hostAndPort(this.#options.place.host, this.#port);
  }

  #open(socket: Socket): void {
    const client = clientOf(socket.remoteAddress);
    if (!this.#quota.take(client)) {
      socket.destroy();
      this.#options.log.warn({ client }, 'mining program refused: too many connections');
      return;
    }
    const { monotonicMs } = this.#options;
    const peer = hostAndPort(plainAddress(socket.remoteAddress), socket.remotePort ?? 0);
    this.#opened++;
    const miner: Miner = {
      id: String(this.#opened),
      client,
      connectedAtMs: this.#options.nowMs(),
      connection: new StratumConnection(
        socket,
        {
          receive: (line, atMs) => this.#receive(miner, line, atMs),
          onClose: (reason) => {
            this.#quota.release(client);
            this.#onClosed(miner, reason);
          },
        },
        monotonicMs,
      ),
      session: new StratumSession(
        {
          send: (line) => miner.connection.send(line),
          payeeOf: (name) => this.#payeeOf(name, client),
          onRefusedUser: (user, reason) => {
            const shown = user === null ? null : quotable(user);
            this.#options.log.warn({ peer, user: shown, reason }, 'mining program refused: it mines for nobody');
          },
          newestJob: (payee) => this.#newestJobs.get(payee) ?? null,
          onSolution: (job, solution, user) => {
            this.#options.log.info({ user, height: job.template.height }, 'a mining program found a block');
            this.#options.emit({ type: 'offered-job-solved', job, solution });
          },
        },
        this.#takeExtraNonce1(),
        monotonicMs(),
      ),
    };
    this.#miners.add(miner);
  }

  #onClosed(miner: Miner, reason: string): void {
    const { session } = miner;
    this.#miners.delete(miner);
    this.#pastShares = added(this.#pastShares, session.shares);
    this.#pastBlocks += session.blocks;
    const fields = { user: session.user ?? '', reason, shares: session.shares.accepted, blocks: session.blocks };
    this.#options.log.info(fields, 'mining program gone');
    if (session.payee !== null) this.#onMiners();
  }

  #receive({ session }: Miner, line: string, nowMs: number): void {
    const before = session.payee;
    session.receive(line, nowMs);
    if (session.payee === before) return;
    this.#options.log.info({ user: session.user ?? '', program: session.program ?? '' }, 'mining program connected');
    this.#onMiners();
  }

  #onMiners(): void {
    this.tellPayees();
    this.#options.onMiners();
  }

  #payeeOf(text: string, client: string): Address {
    const payee = this.#readPayee(text);
    const payees = this.#payees();
    if (payees.has(payee)) return payee;
    const ofClient = this.#payees(client);
    if (ofClient.size >= MAX_PAYEES_PER_CLIENT) {
      throw new StratumRefusal(
        'unauthorized',
        `this node makes jobs for ${MAX_PAYEES_PER_CLIENT} addresses of one client at most: mine for one of those`,
      );
    }
    if (payees.size < MAX_PAYEES) return payee;
    throw new StratumRefusal('unauthorized', `this node makes jobs for ${MAX_PAYEES} addresses at most`);
  }

  #readPayee(text: string): Address {
    try {
      return parseRecipient({ label: 'the user name', text }, this.#options.network);
    } catch (error) {
      throw error instanceof OptionError ? new StratumRefusal('unauthorized', error.message) : error;
    }
  }

  /** Whom the programs mine for, all or those of one client. */
  #payees(only: string | null = null): Set<Address> {
    const payees = new Set<Address>();
    for (const { session, client } of this.#miners) {
      if (session.payee !== null && (only === null || client === only)) payees.add(session.payee);
    }
    return payees;
  }

  #takeExtraNonce1(): Uint8Array {
    const bytes = Buffer.alloc(EXTRA_NONCE_1_BYTES);
    bytes.writeUInt32BE(this.#extraNonce1);
    this.#extraNonce1 = (this.#extraNonce1 + 1) >>> 0;
    return new Uint8Array(bytes);
  }
}

/** Null until it mines. */
function minerView({ id, session, connectedAtMs }: Miner, nowMs: number): StratumMinerView | null {
  const { user, payee, program, difficulty, shares, blocks } = session;
  if (user === null || payee === null) return null;
  const hashrate = session.hashesPerSecond(nowMs);
  return { id, user, payee, program, connectedAtMs, difficulty, hashrate, shares, blocks };
}

function added(a: ShareCounts, b: ShareCounts): ShareCounts {
  return { accepted: a.accepted + b.accepted, stale: a.stale + b.stale, refused: a.refused + b.refused };
}
