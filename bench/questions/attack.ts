import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { HonestClient, vitalsOf } from '../../testing/attacked-node.ts';
import { type Candidate, quantile, summary } from '../measure.ts';
import type { Question } from '../question.ts';
import { figure } from '../report.ts';
import type { AttackKind, AttackOrder, AttackReport } from '../support/attackers.ts';
import { BenchPeer } from '../support/bench-peer.ts';
import { ChainBuilder } from '../support/chain.ts';
import { type BenchNetwork, benchNetwork } from '../support/network.ts';
import { NodeProcess } from '../support/node-process.ts';

const PROGRAM = fileURLToPath(new URL('../support/attackers.ts', import.meta.url));
const PHASE_MS = 5_000;
/** Until an attack has unfolded, and until its remains are gone. */
const SETTLE_MS = 1_500;
/** One of each account. */
const TRANSFERS = 512;
const P99 = 0.99;

/** In words, in the order in which they come. */
const ATTACKS: Readonly<Record<AttackKind, string>> = {
  websites: 'requests of a foreign website',
  documents: 'nasty documents',
  longQueries: 'queries at the limit',
  halfOpen: 'half-open connections',
  hoarders: 'sockets that hoard subscriptions',
  pings: 'floods of pings on API sockets',
  frames: 'broken frames',
  silentPeers: 'peers that say nothing',
  peerFlood: 'floods of requests by peers',
};

/** What honest clients, peers and nodes got done in one phase. */
interface Load {
  readonly label: string;
  /** Accepted in a second, in each round. */
  readonly transfers: readonly number[];
  /** From the request to mine, at the attacked node, to the other node's tip, in each round. */
  readonly blocksMs: readonly number[];
  /** Of each query, ascending. */
  readonly queriesMs: readonly number[];
  readonly failedQueries: number;
  readonly attemptsPerSecond: number;
  readonly residentMib: number;
}

/** Two nodes that keep working while one of them is attacked. */
class Scene {
  readonly #network: BenchNetwork;
  readonly #builder: ChainBuilder;
  readonly #attacked: NodeProcess;
  readonly #other: NodeProcess;
  readonly #peer: BenchPeer;

  private constructor(network: BenchNetwork, attacked: NodeProcess, other: NodeProcess, peer: BenchPeer) {
    this.#network = network;
    this.#builder = new ChainBuilder(network);
    this.#attacked = attacked;
    this.#other = other;
    this.#peer = peer;
  }

  static async open(network: BenchNetwork): Promise<Scene> {
    const flags = ['--miner-address', network.minerAddress];
    const attacked = await NodeProcess.start(network, ...flags);
    const other = await NodeProcess.start(network, ...flags);
    await attacked.connectTo(other);
    const scene = new Scene(network, attacked, other, await BenchPeer.connect(attacked.url, network.params));
    // Until the engine has compiled what is measured.
    for (let round = 0; round < 5; round++) await scene.#round();
    return scene;
  }

  /** Works for a while under an attack, or in peace. */
  async workUnder(kind: AttackKind | null): Promise<Load> {
    const attack = kind === null ? null : this.#attack(kind);
    await delay(SETTLE_MS);
    const begun = await attemptsOf(attack);
    const startMs = performance.now();
    const client = new HonestClient(this.#attacked.url);
    const rounds: { transfers: number; blockMs: number }[] = [];
    while (performance.now() - startMs < PHASE_MS) rounds.push(await this.#round());
    const { answersMs, failures } = await client.stop();
    const seconds = (performance.now() - startMs) / 1_000;
    const attemptsPerSecond = ((await attemptsOf(attack)) - begun) / seconds;
    const { residentMib } = await vitalsOf(this.#attacked.url);
    if (attack) {
      attack.disconnect();
      await once(attack, 'exit');
      await delay(SETTLE_MS);
    }
    return {
      label: kind === null ? 'in peace' : ATTACKS[kind],
      transfers: rounds.map(({ transfers }) => transfers),
      blocksMs: rounds.map(({ blockMs }) => blockMs),
      queriesMs: [...answersMs].sort((a, b) => a - b),
      failedQueries: failures.length,
      attemptsPerSecond,
      residentMib,
    };
  }

  async close(): Promise<void> {
    this.#peer.close();
    await Promise.all([this.#attacked.stop(), this.#other.stop()]);
  }

  #attack(kind: AttackKind): ChildProcess {
    const child = fork(PROGRAM, { execArgv: ['--import', import.meta.resolve('tsx')] });
    child.send({ kind, url: this.#attacked.url, networkFile: this.#network.file } satisfies AttackOrder);
    return child;
  }

  /** Transfers are offered, accepted, mined; the block comes to the other node. */
  async #round(): Promise<{ transfers: number; blockMs: number }> {
    const { arrival: accepted } = await this.#attacked.first<{ mempoolChanged: { size: number } }>(
      'subscription { mempoolChanged { size } }',
      ({ mempoolChanged }) => mempoolChanged.size === TRANSFERS,
    );
    const startMs = performance.now();
    this.#peer.offer(this.#builder.transfers(TRANSFERS));
    const acceptedMs = (await accepted) - startMs;
    this.#builder.skipNonces(TRANSFERS);
    const query = 'subscription { blockAdded { height } }';
    const { arrival } = await this.#other.first(query, () => true);
    const askedMs = performance.now();
    await this.#attacked.api.query('mutation { mine { __typename } }');
    return { transfers: (TRANSFERS / acceptedMs) * 1_000, blockMs: (await arrival) - askedMs };
  }
}

/** What a node still gets done while it is attacked in each way. */
export const attack: Question = {
  name: 'attack',
  title: 'Load held under attack',
  async run() {
    const scene = await Scene.open(benchNetwork());
    const loads: Load[] = [await scene.workUnder(null)];
    for (const kind of Object.keys(ATTACKS) as AttackKind[]) loads.push(await scene.workUnder(kind));
    loads.push({ ...(await scene.workUnder(null)), label: 'in peace, afterwards' });
    await scene.close();
    const [peace, ...others] = loads;
    if (!peace) throw new Error('nothing was measured');
    const attacks = others.slice(0, -1);
    const transfers = loads.map((load) => candidateOf(load));
    const [calm = 1] = transfers.map(({ median }) => median);
    const kept = transfers.slice(1, -1).map(({ median }) => median / calm);
    return {
      unit: 'transfers/s',
      candidates: transfers,
      results: [
        {
          what: 'transfers accepted under the worst attack, of those in peace',
          value: Math.min(...kept),
          unit: '×',
          goal: null,
        },
        {
          what: 'longest median of a query',
          value: worst(attacks, ({ queriesMs }) => quantile(queriesMs, 0.5)),
          unit: 'ms',
          goal: null,
        },
        {
          what: 'longest p99 of a query',
          value: worst(attacks, ({ queriesMs }) => quantile(queriesMs, P99)),
          unit: 'ms',
          goal: null,
        },
        {
          what: 'queries of honest clients that failed',
          value: sum(loads.map(({ failedQueries }) => failedQueries)),
          unit: 'queries',
          goal: { most: 0 },
        },
        {
          what: 'resident memory, more than in peace',
          value: worst(attacks, ({ residentMib }) => residentMib) - peace.residentMib,
          unit: 'MiB',
          goal: null,
        },
      ],
      growth: loads.map(lineOf),
      notes: [
        `One node is attacked, at the lowest priority and without pause, for ${figure(PHASE_MS / 1_000)} s in each way; the attackers` +
          ' have its address and share its cores. Meanwhile a peer offers 512 transfers at a time, the node mines them,' +
          ' a second node takes the block, and a client asks for the tip. Transfers are those accepted in a second.',
      ],
    };
  },
};

function candidateOf({ label, transfers }: Load): Candidate {
  return summary({ label, values: transfers });
}

function worst(loads: readonly Load[], pick: (load: Load) => number): number {
  return Math.max(...loads.map(pick));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function lineOf({ label, queriesMs, blocksMs, attemptsPerSecond, residentMib, transfers }: Load): string {
  const query = `query ${figure(quantile(queriesMs, 0.5))} ms, p99 ${figure(quantile(queriesMs, P99))} ms`;
  const sorted = [...blocksMs].sort((a, b) => a - b);
  const block = `a block mined and on the other node ${figure(quantile(sorted, 0.5))} ms, ${figure(transfers.length)} of them`;
  const attempts = attemptsPerSecond > 0 ? `; ${figure(attemptsPerSecond)} attempts/s` : '';
  return `${label}: ${query}; ${block}; ${figure(residentMib)} MiB${attempts}.`;
}

async function attemptsOf(attack: ChildProcess | null): Promise<number> {
  if (!attack) return 0;
  const report = once(attack, 'message');
  attack.send('report');
  return ((await report) as [AttackReport])[0].attempts;
}
