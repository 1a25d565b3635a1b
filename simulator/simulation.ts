import { DEVELOPMENT_ALLOCATIONS, WELL_KNOWN_ACCOUNTS } from '../consensus/development-accounts.ts';
import type { Network } from '../consensus/genesis.ts';
import { deriveNetwork } from '../consensus/genesis.ts';
import type { SignatureCheck, Signer } from '../consensus/signature.ts';
import { expectedHashes } from '../consensus/target.ts';
import type { MiningMode } from '../protocol/events.ts';
import { ReferenceModel } from './model/reference-model.ts';
import { SimulatedNetwork } from './network.ts';
import type { Plan } from './plan.ts';
import { randomStream, type SeededRandom } from './seeded-random.ts';
import type { NodeWatcher, SimulatedNode } from './simulated-node.ts';
import { Statistics } from './statistics.ts';

/** At the lowest difficulty every eighth hash is a block: solutions are found for real, and cost little. */
const LOWEST_DIFFICULTY_BITS = 0x201f_ffff;
/** The long-run difficulty as a multiple of the lowest, so that it can fall as well as rise. */
const TYPICAL_DIFFICULTY = 4;
const HALVING_INTERVAL = 10;
const INITIAL_SUBSIDY = 50_00000000n;
const FUTURE_LIMIT_SECONDS = 120;
/** 2026-01-01T00:00:00Z. */
const GENESIS_TIME = 1_767_225_600;
/** Spacings of delay that halve the difficulty, as in the network for people. */
const HALF_LIFE_SPACINGS = 12;

/** Called with what happens to a node, or to the network as a whole where `node` is null. */
export type ReportListener = (
  node: SimulatedNode | null,
  message: string,
  fields: Readonly<Record<string, unknown>>,
) => void;

/** Signing and verification, which a host can do faster than plain JavaScript. */
export interface Crypto {
  /** Of transactions, by the 32 bytes of a secret key. */
  readonly signer: (secretKey: Uint8Array) => Signer;
  readonly verify: (check: SignatureCheck) => boolean;
  /** Plain Ed25519, without the strict checks of encodings: for the model, which has its own. */
  readonly verifyPlainly: (check: SignatureCheck) => boolean;
}

/** A simulation that is being built or runs, as faults, clients and checks see it. */
export class Simulation {
  readonly plan: Plan;
  readonly crypto: Crypto;
  readonly params: Network;
  readonly network: SimulatedNetwork;
  readonly model: ReferenceModel;
  readonly statistics: Statistics;
  /** The nodes that keep the rules. */
  readonly honest: SimulatedNode[] = [];
  /** Those that do not, with the fault that each is there for. */
  readonly byzantine = new Map<SimulatedNode, string>();
  /** False once everything is healed. */
  isFaulty = true;
  /** Whether connections that have lost something break at healing. Even where they do not, no request may be stuck. */
  readonly hasWholeLines: boolean;
  readonly #healing: (() => void)[] = [];
  readonly #onReport: ReportListener;

  constructor(
    plan: Plan,
    crypto: Crypto,
    watcherOf: (simulation: Simulation) => NodeWatcher,
    onReport: ReportListener,
  ) {
    this.plan = plan;
    this.#onReport = onReport;
    this.crypto = crypto;
    this.params = networkOf(plan.spacingSeconds);
    this.hasWholeLines = this.stream('healing').chance(0.5);
    this.model = new ReferenceModel(this.params, (publicKey, message, signature) =>
      crypto.verifyPlainly({ publicKey, message, signature }),
    );
    this.statistics = new Statistics(this);
    this.network = new SimulatedNetwork({
      seed: plan.seed,
      params: this.params,
      delayMs: plan.delayMs,
      verify: crypto.verify,
      isOneMachine: this.stream('machines').chance(0.5),
      watcher: watcherOf(this),
    });
  }

  get nowMs(): number {
    return this.network.clock.nowMs;
  }

  get spacingMs(): number {
    return this.plan.spacingSeconds * 1_000;
  }

  /** Hashes per second that one of `count` equal miners has, so that together they keep to the spacing. */
  equalHashrate(count: number): number {
    const hashesPerBlock = Number(expectedHashes(this.params.limitBits)) * TYPICAL_DIFFICULTY;
    return hashesPerBlock / this.plan.spacingSeconds / count;
  }

  /** The random sequence of one part of the simulation. */
  stream(name: string): SeededRandom {
    return randomStream(this.plan.seed, name);
  }

  isHonest(node: SimulatedNode): boolean {
    return node.index < this.plan.nodes;
  }

  runningHonest(): SimulatedNode[] {
    return this.honest.filter((node) => node.isRunning);
  }

  /** Repeats something until everything is healed, after exponentially distributed waits with this mean. */
  repeat(random: SeededRandom, meanMs: number, action: () => void): void {
    this.network.clock.schedule(random.exponential(meanMs), () => {
      if (!this.isFaulty) return;
      action();
      this.repeat(random, meanMs, action);
    });
  }

  /** Does something once after this time, unless everything is healed before. */
  runLater(delayMs: number, action: () => void): void {
    this.network.clock.schedule(delayMs, () => {
      if (this.isFaulty) action();
    });
  }

  /** Reports what happens to a node, or to the network. */
  report(node: SimulatedNode | null, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#onReport(node, message, fields);
  }

  /** Counts and reports a fault of a node, or of the network. */
  reportFault(fault: string, node: SimulatedNode | null = null, fields: Readonly<Record<string, unknown>> = {}): void {
    this.statistics.recordFault(fault);
    this.report(node, fault, fields);
  }

  /** Registers what ends a fault. */
  onHeal(action: () => void): void {
    this.#healing.push(action);
  }

  /** Ends all faults: from now on the nodes have to agree. */
  heal(): void {
    this.isFaulty = false;
    for (const action of this.#healing) action();
    if (this.hasWholeLines) this.network.heal();
    else this.network.mend();
    for (const node of this.byzantine.keys()) node.kill();
    this.report(null, 'healed');
    for (const node of this.honest) {
      node.scheduleCrash(null);
      this.revive(node);
    }
  }

  /** Starts a node that is down, after a reindex if its store is damaged. */
  revive(node: SimulatedNode): void {
    for (let attempts = 0; !node.isRunning && attempts < 2; attempts++) {
      if (node.down === 'damage') node.store.reindex();
      node.start();
    }
    this.setMining(node, this.mines(node) ? 'continuous' : 'off');
  }

  mines(node: SimulatedNode): boolean {
    const { hashShares } = this.plan;
    return hashShares === null || (hashShares[node.index] ?? 0) > 0;
  }

  setMining(node: SimulatedNode, mode: MiningMode): void {
    const rest = { threads: null, intervalMs: null, hashrateLimit: null, recipient: null };
    node.request((request) => ({ type: 'set-mining', request, mode, ...rest }));
  }
}

const networks = new Map<number, Network>();

/** The network of a simulation: the usual rules, an adjusting difficulty, and proof of work that is found at once. */
function networkOf(spacingSeconds: number): Network {
  const known = networks.get(spacingSeconds);
  if (known) return known;
  const params = deriveNetwork({
    name: 'simulated',
    addressPrefix: 'slore',
    allocations: DEVELOPMENT_ALLOCATIONS,
    spacingSeconds,
    halfLifeSeconds: spacingSeconds * HALF_LIFE_SPACINGS,
    bits: LOWEST_DIFFICULTY_BITS,
    retarget: true,
    futureLimitSeconds: FUTURE_LIMIT_SECONDS,
    initialSubsidy: INITIAL_SUBSIDY,
    halvingInterval: HALVING_INTERVAL,
    genesisTime: GENESIS_TIME,
    genesisNonce: 0,
    developmentAccounts: WELL_KNOWN_ACCOUNTS,
    controls: false,
  });
  networks.set(spacingSeconds, params);
  return params;
}
