import type { Peer } from '../client/types.ts';
import type { RunningNode } from './types.ts';

/** Far above what the nodes take to shake hands, or to say goodbye. */
export const CONNECT_LIMIT_MS = 30_000;

/** Two nodes by their indexes; the first one calls the second. */
export type Connection = readonly [from: number, to: number];

/** Work on nodes that have no peers. */
interface WorkApart {
  check(): Promise<void>;
  /** @returns how the nodes are to be connected after it */
  work(): Promise<readonly Connection[]>;
}

/** The connections of a network: those that it is made of, and which of them there are at present. */
export class Connections {
  /** Those that the network is made of. */
  readonly all: readonly Connection[];
  readonly #nodes: readonly RunningNode[];
  /** Ends when the last change has ended: one goes after the other. */
  #changed: Promise<unknown> = Promise.resolve();

  constructor(nodes: readonly RunningNode[], all: readonly Connection[]) {
    this.#nodes = nodes;
    this.all = all;
  }

  /** Asks the nodes, which may have been connected and disconnected by others. Throws `ClientError`. */
  async present(signal: AbortSignal): Promise<readonly Connection[]> {
    const peers = await Promise.all(this.#nodes.map(({ client }) => client.peers({ signal })));
    return this.all.filter(([from, to]) => peers[from]?.some(isAt(this.#node(to))));
  }

  /** Connects and cuts until there are just these. Resolves when both ends know. Throws `ClientError`. */
  async change(wanted: readonly Connection[], signal: AbortSignal): Promise<void> {
    await this.#next(() => this.#changeNow(wanted, signal));
  }

  /**
   * Does work while no node is connected to another, and then connects as it says; where it fails, as they were before. Throws
   * `ClientError`, and what check and work throw.
   * @param check throws where the work cannot be done: then nothing is cut
   */
  async whileApart({ check, work }: WorkApart, signal: AbortSignal): Promise<void> {
    await this.#next(async () => {
      await check();
      const before = await this.present(signal);
      try {
        await this.#changeNow([], signal);
        await this.#changeNow(await work(), signal);
      } catch (error) {
        // By limits of its own: those of the call may be what has ended it.
        await this.#changeNow(before, AbortSignal.timeout(CONNECT_LIMIT_MS)).catch(() => {});
        throw error;
      }
    });
  }

  /** Whether a peer is one of the nodes. */
  has({ url }: Peer): boolean {
    return this.#nodes.some((node) => node.url === url);
  }

  async #next(change: () => Promise<void>): Promise<void> {
    const changed = this.#changed.then(change);
    this.#changed = changed.catch(() => {});
    await changed;
  }

  async #changeNow(wanted: readonly Connection[], signal: AbortSignal): Promise<void> {
    const isIn = (list: readonly Connection[], [from, to]: Connection) =>
      list.some((each) => each[0] === from && each[1] === to);
    const present = await this.present(signal);
    const cut = present.filter((each) => !isIn(wanted, each));
    const fresh = wanted.filter((each) => !isIn(present, each));
    await Promise.all(cut.map((each) => this.#cut(each, signal)));
    await Promise.all(fresh.map((each) => this.#connect(each, signal)));
  }

  async #connect([from, to]: Connection, signal: AbortSignal): Promise<void> {
    const [caller, called] = [this.#node(from), this.#node(to)];
    // A node that has not noticed the end of a connection would refuse the next one as its duplicate.
    await untilPeers(called, isApartFrom(caller), signal);
    await caller.client.connectPeer(called.url, { signal });
    await untilPeers(called, (peers) => peers.some(isAt(caller)), signal);
  }

  async #cut([from, to]: Connection, signal: AbortSignal): Promise<void> {
    const [caller, called] = [this.#node(from), this.#node(to)];
    for (const { id } of (await caller.client.peers({ signal })).filter(isAt(called))) {
      await caller.client.disconnectPeer(id, { signal });
    }
    await Promise.all([
      untilPeers(caller, isApartFrom(called), signal),
      untilPeers(called, isApartFrom(caller), signal),
    ]);
  }

  #node(index: number): RunningNode {
    const node = this.#nodes[index];
    if (node === undefined) throw new RangeError(`there is no node ${index}`);
    return node;
  }
}

function isAt({ url }: RunningNode): (peer: Peer) => boolean {
  return (peer) => peer.url === url;
}

const isApartFrom =
  (other: RunningNode) =>
  (peers: readonly Peer[]): boolean =>
    !peers.some(isAt(other));

/** Resolves when this holds of the peers of a node; the caller's signal is the only limit. Throws `ClientError`. */
async function untilPeers(
  { client }: RunningNode,
  holds: (peers: readonly Peer[]) => boolean,
  signal: AbortSignal,
): Promise<void> {
  await client.waitForPeers(holds, { signal, timeoutMs: Number.POSITIVE_INFINITY });
}
