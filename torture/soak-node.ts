import type { SeededRandom } from '../simulator/seeded-random.ts';
import type { NodeProcess } from '../testing/processes.ts';
import { Acknowledgements } from './acknowledgements.ts';
import { disconnectAll, tryConnect } from './connect.ts';
import { demand } from './failure.ts';
import { submit } from './load.ts';
import type { Place } from './place.ts';
import { type Sample, takeSample } from './samples.ts';
import { NEVER_SAID } from './strike.ts';
import { Victim } from './victim.ts';
import { pause } from './wait.ts';

/** Pending transactions of its account that a client waits with: what a few lost blocks bring back has room beside them. */
const MAX_PENDING = 12;
const SAMPLE_LIMIT_MS = 10_000;
const PENDING = 'query ($name: String!) { account(address: $name) { nonce pendingNonce } }';
const SET_MINING = `mutation ($mode: MiningMode!, $limit: Float!) {
  setMining(mode: $mode, threads: 1, hashrateLimit: $limit) { mode }
}`;

/** One node of a soak: its processes one after the other, its client, and what it has acknowledged. */
export class SoakNode {
  readonly home: Victim;
  readonly url: string;
  readonly acknowledgements = new Acknowledgements();
  /** Of the process that runs now. */
  samples: Sample[] = [];
  kills = 0;
  readonly #args: readonly string[];
  readonly #sender: string;
  #process: NodeProcess | null = null;

  /** @param peers nodes that it stays connected to */
  constructor(place: Place, port: number, peers: readonly SoakNode[], sender: string) {
    this.home = new Victim(place, `node-${port}`);
    this.url = `http://127.0.0.1:${port}`;
    this.#args = ['--port', `${port}`, ...peers.flatMap((peer) => ['--peer', peer.url])];
    this.#sender = sender;
  }

  /** Null while it is down. */
  get process(): NodeProcess | null {
    return this.#process;
  }

  async start(): Promise<void> {
    const node = await this.home.start({ args: this.#args });
    this.samples = [];
    await this.acknowledgements.check(node.api);
    this.#process = node;
    void node.program.finished.then(() => {
      if (this.#process === node) this.#process = null;
    });
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { process: node } = this;
    if (!node) return;
    this.#process = null;
    if (signal === 'SIGKILL') this.kills++;
    const { code, stderr } = await node.program.signal(signal);
    demand(!NEVER_SAID.test(stderr), `said what it must never say:\n${stderr}`);
    if (signal === 'SIGTERM') demand(code === 0, `a clean stop ended with ${code}:\n${stderr}`);
  }

  /** Stands still for a while, as a machine that sleeps does. */
  async freeze(durationMs: number): Promise<void> {
    const child = this.#process?.program.child;
    child?.kill('SIGSTOP');
    await pause(durationMs);
    child?.kill('SIGCONT');
  }

  async submitOne(): Promise<void> {
    await this.#whileUp(async (node) => {
      const { account } = await node.api.query(PENDING, { name: this.#sender });
      if (BigInt(account.pendingNonce) - BigInt(account.nonce) < BigInt(MAX_PENDING)) {
        await submit(node, this.#sender, this.acknowledgements);
      }
    });
  }

  /** Mines another while, at another rate, or not at all. */
  async mineErratically(random: SeededRandom): Promise<void> {
    const [draw, rate] = [random.fraction(), random.fraction()];
    // Every second hash is a block: seldom a burst, mostly less than a block a second.
    const limit = draw < 0.1 ? 20 : 1 + 2 * rate;
    await this.setMining(draw > 0.65 ? 'OFF' : 'CONTINUOUS', limit);
  }

  async setMining(mode: 'OFF' | 'CONTINUOUS', limit = 1): Promise<void> {
    await this.#whileUp((node) => node.api.query(SET_MINING, { mode, limit }));
  }

  async connectTo(other: SoakNode): Promise<void> {
    await this.#whileUp((node) => tryConnect(node, other));
  }

  async disconnectAll(): Promise<void> {
    await this.#whileUp(disconnectAll);
  }

  async sample(): Promise<void> {
    await this.#whileUp(async (node) => {
      const sample = await takeSample(node, SAMPLE_LIMIT_MS);
      if (this.#process === node) this.samples.push(sample);
    });
  }

  /** Does nothing while the node is down, and forgives what fails because it went down meanwhile. */
  async #whileUp(work: (node: NodeProcess) => Promise<unknown>): Promise<void> {
    const { process: node } = this;
    if (!node) return;
    try {
      await work(node);
    } catch (error) {
      if (this.#process === node) throw error;
    }
  }
}
