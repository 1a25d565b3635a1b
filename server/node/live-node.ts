import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Network } from '../../consensus/genesis.ts';
import { MAX_INBOUND, MAX_PEERS } from '../../protocol/dialling.ts';
import type { Reply } from '../../protocol/effects.ts';
import type { NodeEvent, RequestId } from '../../protocol/events.ts';
import { contextAbove } from '../../protocol/header-index.ts';
import { isClear } from '../../protocol/link-conditions.ts';
import { ForkloreNode, type NodeConfig } from '../../protocol/node.ts';
import type { Notice } from '../../protocol/notices.ts';
import { ProgramCache } from '../../protocol/program-cache.ts';
import { type RandomSource, randomU64 } from '../../protocol/time.ts';
import { isValidSignature } from '../../workers/native-signature.ts';
import { LocalRegistry } from '../discovery/registry.ts';
import { runtimeDirectory } from '../discovery/runtime-directory.ts';
import { Emissions } from '../events/emissions.ts';
import { EventLog } from '../events/event-log.ts';
import { createGraphql, type Graphql } from '../graphql/graphql.ts';
import type { AdminToken } from '../http/admin-token.ts';
import type { Caller } from '../http/guard.ts';
import { type Readiness, readinessOf } from '../http/health.ts';
import type { HttpServer } from '../http/http-server.ts';
import { MiningPool } from '../mining/mining-pool.ts';
import { failpoint } from '../process/failpoint.ts';
import type { RatedLog } from '../process/rated-log.ts';
import { seededRandom } from '../process/seeded-random.ts';
import { VERSION } from '../process/version.ts';
import { SnapshotRoutes } from '../snapshots/snapshot-routes.ts';
import type { IntegrityReport } from '../store/integrity.ts';
import type { Store } from '../store/store.ts';
import { StratumServer } from '../stratum/stratum-server.ts';
import { Transport } from '../transport/transport.ts';
import { Weather, type WeatherChange } from '../transport/weather.ts';
import type { VerificationPool } from '../verification/verification-pool.ts';
import { ChainTotals } from './chain-totals.ts';
import { checkpointsOf } from './checkpoint.ts';
import { coreConfig } from './core-config.ts';
import { type ControlledNode, DevelopmentControls } from './development-controls.ts';
import { Driver, systemRandom } from './driver.ts';
import type { Metrics, MetricsSnapshot } from './metrics.ts';
import { NodeClock } from './node-clock.ts';
import type { NodeContext } from './node-context.ts';
import type { NodeOptions } from './node-options.ts';
import type { NodeState } from './node-state.ts';
import type { OpenedStore } from './open-checked.ts';
import { announcedUrl, canonicalUrl, isForThisMachine, trustsLocalUser } from './reachability.ts';
import type { NodeSurroundings, RunningNode } from './running-node.ts';

const REVERTED = { ok: false, code: 'reverted', message: 'the node went back to a snapshot' } as const;
/** RFC 6455, 7.4.1: the endpoint goes away. */
const GOING_AWAY = 1001;
const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1e6;
const LOOP_DELAY_RESOLUTION_MS = 10;
/** Interval at which subscribers are told the state of the miner. */
const MINER_REPORT_MS = 500;
/** Inbound sockets accepted beyond the core's own limit, so that the core can refuse them with a reason. */
const HANDSHAKE_ROOM = 16;

export interface LiveParts {
  readonly options: NodeOptions;
  readonly surroundings: NodeSurroundings;
  /** Rate-limited log for lines that others can cause. */
  readonly log: RatedLog;
  readonly http: HttpServer;
  readonly opened: OpenedStore;
  readonly verification: VerificationPool;
  readonly token: AdminToken | null;
  readonly tokenFile: string | null;
  /** The state that the store was given; null: it has its own. */
  readonly initial: NodeState | null;
}

/** All parts of a node, connected. */
export class LiveNode implements RunningNode, ControlledNode {
  readonly url: string;
  readonly options: NodeOptions;
  readonly clock: NodeClock;
  readonly name: string;
  readonly store: Store;
  readonly tokenFile: string | null;
  readonly isPlaygroundServed: boolean;
  readonly graphql: Graphql;
  readonly snapshots: SnapshotRoutes;
  readonly transport: Transport;
  readonly weather: Weather;
  /** The URL that peers and clients are told, the same for both, so that they recognise the node. */
  readonly #announcedUrl: string;
  readonly #integrity: IntegrityReport;
  readonly #startedAtMs: number;
  readonly #maxMiningThreads: number;
  readonly #surroundings: NodeSurroundings;
  readonly #log: RatedLog;
  readonly #http: HttpServer;
  readonly #events: EventLog;
  readonly #emissions: Emissions;
  readonly #config: NodeConfig;
  readonly #random: RandomSource;
  readonly controls: DevelopmentControls;
  /** Both are replaced when the node goes back to a snapshot. */
  #core: ForkloreNode;
  #driver: Driver;
  /** It went back to a snapshot, and dials only whom its operator names from then on. */
  #isAlone = false;
  #initial: NodeState | null;
  /** Header time of the block that is searched, in Unix seconds. */
  #minedTime = 0;
  readonly #contracts = new ProgramCache(isValidSignature);
  readonly #mining: MiningPool;
  readonly #stratum: StratumServer | null;
  readonly #verification: VerificationPool;
  readonly #registry: LocalRegistry | null;
  readonly #loopDelay = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS });
  #minerReports: NodeJS.Timeout | null = null;
  #life: 'starting' | 'running' | 'stopping' = 'starting';
  #stopped: Promise<void> | null = null;
  /** Created when somebody first asks for them: a start does not wait for their library. */
  #metrics: Promise<Metrics> | null = null;
  readonly #totals = new ChainTotals();

  constructor({ options, surroundings, log, http, opened, verification, token, tokenFile, initial }: LiveParts) {
    // More threads than cores gain nothing; the API shows the number in use.
    this.#maxMiningThreads = options.deterministic === null ? availableParallelism() : 1;
    this.options = { ...options, miningThreads: Math.min(options.miningThreads, this.#maxMiningThreads) };
    this.name = options.name ?? (options.deterministic === null ? `node-${http.port}` : 'node');
    this.url = http.url;
    this.store = opened.store;
    this.tokenFile = tokenFile;
    this.isPlaygroundServed = options.graphiql || isForThisMachine(options);
    this.#integrity = opened.integrity;
    this.#verification = verification;
    this.#surroundings = surroundings;
    this.#log = log;
    this.#http = http;
    const localUrl = canonicalUrl(announcedUrl(options.host, http));
    const listenUrl = options.announce ?? localUrl;
    this.#announcedUrl = listenUrl ?? http.url;
    const { deterministic, network } = options;
    this.#random = deterministic === null ? systemRandom() : seededRandom(deterministic);
    this.clock = deterministic === null ? NodeClock.system() : NodeClock.manual(network.genesisTime * MS_PER_SECOND);
    if (initial) this.clock.setTo(initial.wallMs);
    this.#initial = initial;
    this.#startedAtMs = this.clock.wallMs;
    this.#config = coreConfig(this.options, listenUrl, surroundings.isLogWhole ?? false);
    this.#core = this.#newCore(this.#config);
    if (this.store.height > 0) this.#followBlock(this.#core.chain.tip.record.header.time);
    this.#events = new EventLog();
    this.#emissions = new Emissions(this.store);
    const weatherSeed = deterministic ?? randomU64(this.#random).toString(16);
    this.weather = new Weather(`${weatherSeed} weather`, (change) => this.#onWeather(change));
    this.transport = new Transport({
      weather: this.weather,
      peerOf: (id) => this.#core.peers().find((peer) => peer.id === id),
      maxInbound: MAX_INBOUND + HANDSHAKE_ROOM,
      maxOutbound: MAX_PEERS,
      emit: (event) => this.#driver.emit(event),
    });
    this.#mining = new MiningPool({
      threads: this.options.miningThreads,
      hashrateLimit: options.hashrateLimit,
      budget: surroundings.budget,
      isRepeatable: options.deterministic !== null,
      onSolution: (solution) => {
        // Before the core makes the next template, whose time follows.
        this.#followBlock(this.#minedTime);
        this.#driver.emit({ type: 'mined', solution });
      },
      onError: (error) => surroundings.log.error({ err: error }, 'mining failed; trying again'),
    });
    this.#stratum = options.stratum && this.#stratumServer(options.stratum);
    this.#driver = this.#newDriver();
    this.controls = new DevelopmentControls(this, this.#random);
    const isLocalUser = ({ isLocal }: Caller) => isLocal && trustsLocalUser(options);
    const authorize = (authorization: string | null) => token?.accepts(authorization) ?? false;
    this.snapshots = new SnapshotRoutes({
      params: this.params,
      controls: this.controls,
      verify: (checks) => verification.verify(checks),
      mayControl: (caller, authorization) => isLocalUser(caller) || authorize(authorization),
    });
    this.graphql = createGraphql(this.#context(), {
      isLocalUser,
      authorize,
      logRequest: options.logRequests ? (fields, operation) => surroundings.log.info(fields, operation) : null,
      hasPlayground: ({ isLocal }) => options.graphiql || (isLocal && this.isPlaygroundServed),
      log,
    });
    this.#registry = options.discovery && localUrl !== null ? this.#localRegistry(localUrl) : null;
  }

  /** The metrics in the Prometheus format. Those of the process itself count from the first call. */
  async renderMetrics(): Promise<string> {
    this.#metrics ??= import('./metrics.ts').then(({ createMetrics }) => createMetrics(() => this.#snapshot()));
    return (await this.#metrics).render();
  }

  get core(): ForkloreNode {
    return this.#core;
  }

  get stratumListens(): string | null {
    return this.#stratum?.view().listens ?? null;
  }

  get params(): Network {
    return this.options.network;
  }

  #newCore(config: NodeConfig): ForkloreNode {
    return new ForkloreNode(config, this.store, this.store, this.#random, this.clock.now());
  }

  #newDriver(): Driver {
    return new Driver(this.#core, {
      now: () => this.clock.now(),
      store: this.#emissions,
      transport: this.transport,
      mining: {
        start: (job) => {
          this.#minedTime = job.template.header.time;
          this.#mining.start(job);
        },
        cancel: () => this.#mining.cancel(),
        configure: (limits) => this.#mining.configure(limits),
      },
      stratum: this.#stratum,
      verification: this.#verification,
      publish: (notice) => this.#publish(notice),
      log: (level, message, fields) => this.#log[level](fields, message),
      fatal: (error) => this.#onFatal(error),
    });
  }

  async request(make: (request: RequestId) => NodeEvent, signal?: AbortSignal): Promise<Reply> {
    let operation: NodeEvent['type'] | undefined;
    const note = (request: RequestId): NodeEvent => {
      const event = make(request);
      operation = event.type;
      return event;
    };
    const reply = await this.#driver.request(note, signal);
    if (!reply.ok) this.#log.info({ operation, code: reply.code, reason: reply.message }, 'operation refused');
    return reply;
  }

  /** A manual clock is where the schedule has it after a block with this time, in Unix seconds. */
  #followBlock(timeSeconds: number): void {
    this.clock.advanceTo((timeSeconds + this.params.spacingSeconds) * MS_PER_SECOND);
  }

  onClockMoved(): void {
    this.#driver.emit({ type: 'clock-moved' });
  }

  /**
   * Continues from another state with a new core, all before this returns: no request sees anything in between. The
   * settings of the miner stay. The node dials nobody by itself any more: it would fetch again what it gave up.
   */
  goBackTo({ rows, wallMs, memory }: NodeState): void {
    const { mode, threads, hashrateLimit, intervalMs, recipient } = this.#core.miner();
    this.#driver.stop(REVERTED);
    this.transport.disconnectAll(GOING_AWAY, REVERTED.message);
    // A driver whose last words failed has stopped the node.
    if (!this.isServing) return;
    try {
      this.store.restoreRows(rows);
      this.clock.setTo(wallMs);
      const miner = { ...this.#config.miner, mode, threads, hashrateLimit, intervalMs, recipient };
      this.#core = this.#newCore({ ...this.#config, peers: [], learnAddresses: false, miner });
    } catch (error) {
      this.#onFatal(error);
      return;
    }
    this.#isAlone = true;
    this.#driver = this.#newDriver();
    this.#emissions.forget();
    this.#events.reset({ kind: 'reset' }, this.clock.wallMs);
    this.#driver.handleNow({ type: 'start', memory });
    this.#stratum?.tellPayees();
    const { height, hash } = this.#core.chain.tip.record;
    this.#log.info({ height, block: hash }, 'went back to a snapshot');
  }

  async start(): Promise<void> {
    this.#loopDelay.enable();
    // Before it calls anybody: where it cannot listen, nobody has counted on it.
    await this.#stratum?.start();
    const peers = (await this.#surroundings.beforeDialling?.()) ?? [];
    this.#driver.emit({ type: 'start', peers, ...(this.#initial && { memory: this.#initial.memory }) });
    this.#initial = null;
    await this.#registry?.start();
    // A failure may have stopped it meanwhile.
    if (this.#life === 'stopping') return;
    this.#minerReports = setInterval(() => {
      if (this.#mining.isSearching) this.#events.broadcast({ kind: 'miner' }, this.clock.wallMs);
    }, MINER_REPORT_MS);
    this.#life = 'running';
    await this.graphql.warm();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#close();
    return this.#stopped;
  }

  /** False once it stops: after a failure, the state of the core may not have reached the disk. */
  get isServing(): boolean {
    return this.#life !== 'stopping';
  }

  readiness(): Readiness {
    return readinessOf(this.#life, this.core.sync());
  }

  async #close(): Promise<void> {
    this.#life = 'stopping';
    failpoint('stop-begun');
    if (this.#minerReports) clearInterval(this.#minerReports);
    await this.#registry?.close();
    this.#driver.stop();
    failpoint('driver-stopped');
    this.graphql.close();
    await Promise.all([
      this.transport.close(),
      this.#mining.close(),
      this.#stratum?.close(),
      this.#verification.close(),
      this.#http.close(),
    ]);
    this.#loopDelay.disable();
    // Before the line that says how the process ended, and not after it.
    this.#log.flush();
    failpoint('node-closed');
    await this.store.close();
  }

  #onWeather({ url, conditions, isReopened }: WeatherChange): void {
    if (isClear(conditions)) this.#surroundings.log.info({ url }, 'link conditions cleared');
    else this.#surroundings.log.warn({ url, ...conditions }, 'link conditions set by the operator');
    this.transport.applyWeather();
    if (isReopened) this.#driver.emit({ type: 'link-reopened', url });
    this.#publish({ kind: 'peers' });
  }

  #onFatal(error: unknown): void {
    this.graphql.close();
    this.stop()
      .catch((closing: unknown) => this.#surroundings.log.error({ err: closing }, 'could not close cleanly'))
      .finally(() => this.#surroundings.onFatal(error));
  }

  #publish(notice: Notice): void {
    if (notice.kind === 'reorg') this.#totals.reorgs++;
    if (notice.kind === 'block') {
      const record = this.core.chain.get(notice.blockHash)?.record;
      this.#followBlock(record?.header.time ?? this.params.genesisTime);
      if (record) this.#totals.addBlock(record, this.store.blockReceipts(record.height));
    }
    for (const told of [notice, ...this.#emissions.following(notice)]) this.#events.append(told, this.clock.wallMs);
    this.#surroundings.onNotice?.(notice, this);
  }

  #stratumServer(place: NonNullable<NodeOptions['stratum']>): StratumServer {
    return new StratumServer({
      place,
      network: this.params,
      log: this.#log,
      emit: (event) => this.#driver.emit(event),
      onMiners: () => this.#events.broadcast({ kind: 'miner' }, this.clock.wallMs),
      nowMs: () => this.clock.wallMs,
      monotonicMs: () => performance.now(),
    });
  }

  #localRegistry(url: string): LocalRegistry {
    return new LocalRegistry({
      directory: runtimeDirectory(),
      genesisHash: this.core.params.genesis.hash,
      url,
      runId: this.options.runId,
      onFound: (found) => {
        if (!this.#isAlone) this.#driver.emit({ type: 'address-discovered', url: found });
      },
      onGone: (gone) => this.#driver.emit({ type: 'address-gone', url: gone }),
      onProblem: (reason) => this.#surroundings.log.warn({ reason }, 'nodes on this machine cannot be discovered'),
    });
  }

  #context(): NodeContext {
    const coreOf = () => this.#core;
    return {
      get view() {
        return coreOf();
      },
      controls: this.controls,
      weather: this.weather,
      store: this.store,
      events: this.#events,
      contracts: this.#contracts,
      contextAbove: (parent) => {
        const entry = this.#core.chain.get(parent);
        return entry && contextAbove(entry);
      },
      request: (make, signal) => this.request(make, signal),
      info: {
        name: this.name,
        version: VERSION,
        startedAtMs: this.#startedAtMs,
        listenUrl: this.#announcedUrl,
        graphqlUrl: `${this.#announcedUrl}/graphql`,
        role: 'node',
        maxMiningThreads: this.#maxMiningThreads,
        integrity: this.#integrity,
      },
      hashrate: () => this.#mining.hashrate,
      threadHashrates: () => this.#mining.threadHashrates,
      hashesDone: () => this.#mining.hashesDone,
      stratum: () => this.#stratum?.view() ?? null,
      nowMs: () => this.clock.wallMs,
      monotonicMs: () => this.clock.now().monotonicMs,
    };
  }

  #snapshot(): MetricsSnapshot {
    const { height, targetHeight, state, waiting, stalls } = this.core.sync();
    const peers = this.core.peers();
    // The histogram holds the whole distance between two looks at the clock.
    const loopDelayP99Ms = Math.max(0, this.#loopDelay.percentile(99) / NS_PER_MS - LOOP_DELAY_RESOLUTION_MS);
    this.#loopDelay.reset();
    return {
      height,
      checkpoints: checkpointsOf(this.store),
      targetHeight,
      stalledBy: state === 'stalled' ? (waiting?.reason ?? null) : null,
      stalls,
      peersInbound: peers.filter((peer) => peer.direction === 'inbound').length,
      peersOutbound: peers.filter((peer) => peer.direction === 'outbound').length,
      mempoolSize: this.core.mempool.size,
      mempoolBytes: this.core.mempool.sizeBytes,
      hashrate: this.#mining.hashrate,
      hashesDone: this.#mining.hashesDone,
      totals: this.#totals,
      subscriptions: this.#events.subscriberCount,
      loopDelayP99Ms,
      resources: this.core.resources(),
      stratum: this.#stratum?.view() ?? null,
    };
  }
}
