import type { Moment } from '../client/requests.ts';
import type { BlockPlace } from '../client/types.ts';
import { shortHash } from '../consensus/hash.ts';
import { CONNECT_LIMIT_MS, type Connection, type Connections } from './connections.ts';
import { NodeError } from './node-error.ts';
import { saveStates } from './save-states.ts';
import type { ThreadNode } from './thread-node.ts';
import type { Limits, RunningNetwork, RunningNode, SaveOptions } from './types.ts';
import { within } from './within.ts';

const AGREE_LIMIT_MS = 10_000;

/** What a network was at one moment. */
interface NetworkSnapshot {
  /** Of each node, by index. */
  readonly ids: readonly string[];
  readonly connections: readonly Connection[];
}

/** Several nodes, and the connections between them. */
export class Network implements RunningNetwork {
  readonly nodes: readonly ThreadNode[];
  readonly #connections: Connections;
  /** By their ids. */
  readonly #snapshots = new Map<string, NetworkSnapshot>();
  #snapshotsTaken = 0;

  constructor(nodes: readonly ThreadNode[], connections: Connections) {
    this.nodes = nodes;
    this.#connections = connections;
  }

  async partition(groups: readonly (readonly number[])[], limits: Limits = {}): Promise<void> {
    const groupOf = groupsOf(this.nodes.length, groups);
    const isWithin = ([from, to]: Connection) => groupOf(from) === groupOf(to);
    await this.#change('partition', this.#connections.all.filter(isWithin), limits);
  }

  async heal(limits: Limits = {}): Promise<void> {
    await this.#change('heal', this.#connections.all, limits);
  }

  async agree(limits: Limits = {}): Promise<BlockPlace> {
    const tips = new Map<RunningNode, BlockPlace>();
    return await within({
      what: 'agree',
      limits,
      byDefaultMs: AGREE_LIMIT_MS,
      state: () => differences(tips),
      run: (signal) => agreement(this.nodes, tips, signal),
    });
  }

  async snapshot(limits: Limits = {}): Promise<string> {
    const run = async (signal: AbortSignal): Promise<NetworkSnapshot> => ({
      connections: await this.#connections.present(signal),
      ids: await this.#takeSnapshots(signal),
    });
    const snapshot = await within({ what: 'snapshot', limits, byDefaultMs: CONNECT_LIMIT_MS, run });
    const id = `network-${this.#snapshotsTaken++}`;
    this.#snapshots.set(id, snapshot);
    return id;
  }

  async revert(id: string, limits: Limits = {}): Promise<void> {
    const { ids, connections } = this.#snapshot('revert', id);
    // A node that has peers would fetch again what it gives up.
    const run = (signal: AbortSignal) =>
      this.#connections.whileApart(
        {
          check: () => this.#checkRevert(ids, signal),
          work: async () => {
            await this.#ofEach(ids, ({ client }, snapshot) => client.revertToSnapshot(snapshot, { signal }));
            return connections;
          },
        },
        signal,
      );
    await within({ what: 'revert', limits, byDefaultMs: CONNECT_LIMIT_MS, run });
  }

  async dropSnapshot(id: string, limits: Limits = {}): Promise<void> {
    const { ids } = this.#snapshot('dropSnapshot', id);
    const run = (signal: AbortSignal) =>
      this.#ofEach(ids, ({ client }, snapshot) => client.dropSnapshot(snapshot, { signal }));
    await within({ what: 'dropSnapshot', limits, byDefaultMs: CONNECT_LIMIT_MS, run });
    this.#snapshots.delete(id);
  }

  async saveState(file: string, { overwrite = false, ...limits }: SaveOptions = {}): Promise<void> {
    const run = async (signal: AbortSignal) => {
      const [first, ...others] = await Promise.all(this.nodes.map((node) => node.state(signal)));
      if (first) saveStates(file, overwrite, [first, ...others]);
    };
    await within({ what: 'saveState', limits, byDefaultMs: CONNECT_LIMIT_MS, run });
  }

  async increaseTime(seconds: number, limits: Limits = {}): Promise<void> {
    await this.#ofAll('increaseTime', limits, ({ client }, signal) => client.increaseTime(seconds, { signal }));
  }

  async setTime(at: Moment, limits: Limits = {}): Promise<void> {
    await this.#ofAll('setTime', limits, ({ client }, signal) => client.setTime(at, { signal }));
  }

  async setNextBlockTime(at: Moment, limits: Limits = {}): Promise<void> {
    await this.#ofAll('setNextBlockTime', limits, ({ client }, signal) => client.setNextBlockTime(at, { signal }));
  }

  async stop(limits: Limits = {}): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop(limits)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #snapshot(call: string, id: string): NetworkSnapshot {
    const snapshot = this.#snapshots.get(id);
    if (snapshot !== undefined) return snapshot;
    throw new NodeError('bad-option', `${call}: there is no snapshot "${id}" of this network`);
  }

  /** One of each node, or none. */
  async #takeSnapshots(signal: AbortSignal): Promise<readonly string[]> {
    const taken = await Promise.allSettled(this.nodes.map(({ client }) => client.takeSnapshot({ signal })));
    const failed = taken.find((each) => each.status === 'rejected');
    if (failed === undefined) return taken.flatMap((each) => (each.status === 'fulfilled' ? [each.value.id] : []));
    await Promise.all(
      taken.map(async (each, index) => {
        if (each.status === 'fulfilled') await this.nodes[index]?.client.dropSnapshot(each.value.id).catch(() => {});
      }),
    );
    throw failed.reason;
  }

  /** Throws {@link NodeError} `bad-option` where a node could not go back: the others are not to go alone. */
  async #checkRevert(ids: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#ofEach(ids, async ({ name, client }, id) => {
      const [snapshots, peers] = await Promise.all([client.snapshots({ signal }), client.peers({ signal })]);
      if (!snapshots.some((snapshot) => snapshot.id === id)) {
        throw new NodeError('bad-option', `revert: ${name} does not keep its part of the snapshot any more`);
      }
      const other = peers.find((peer) => !this.#connections.has(peer));
      if (other === undefined) return;
      throw new NodeError('bad-option', `revert: ${name} has a peer outside of this network: disconnect ${other.url}`);
    });
  }

  async #ofEach(ids: readonly string[], work: (node: ThreadNode, id: string) => Promise<unknown>): Promise<void> {
    await Promise.all(this.nodes.map((node, index) => work(node, ids[index] ?? '')));
  }

  #ofAll<T>(
    what: string,
    limits: Limits,
    control: (node: ThreadNode, signal: AbortSignal) => Promise<T>,
  ): Promise<readonly T[]> {
    const run = (signal: AbortSignal) => Promise.all(this.nodes.map((node) => control(node, signal)));
    return within({ what, limits, byDefaultMs: CONNECT_LIMIT_MS, run });
  }

  async #change(what: string, wanted: readonly Connection[], limits: Limits): Promise<void> {
    const run = (signal: AbortSignal) => this.#connections.change(wanted, signal);
    await within({ what, limits, byDefaultMs: CONNECT_LIMIT_MS, run });
  }
}

/** The group of each node, by index; -1 for those that are named in none. Throws {@link NodeError} `bad-option`. */
function groupsOf(count: number, groups: readonly (readonly number[])[]): (node: number) => number {
  const groupOf = new Map<number, number>();
  for (const [index, group] of groups.entries()) {
    for (const node of group) {
      if (!Number.isInteger(node) || node < 0 || node >= count) {
        throw new NodeError('bad-option', `partition: there is no node ${node}; there are 0 to ${count - 1}`);
      }
      if (groupOf.has(node)) throw new NodeError('bad-option', `partition: node ${node} is named twice`);
      groupOf.set(node, index);
    }
  }
  return (node) => groupOf.get(node) ?? -1;
}

/** Resolves when all nodes have the same tip. @param tips receives the tips as they are known */
async function agreement(
  nodes: readonly RunningNode[],
  tips: Map<RunningNode, BlockPlace>,
  signal: AbortSignal,
): Promise<BlockPlace> {
  const ending = new AbortController();
  const either = AbortSignal.any([signal, ending.signal]);
  let agree = (_tip: BlockPlace) => {};
  const agreed = new Promise<BlockPlace>((resolve) => {
    agree = resolve;
  });
  const look = async (node: RunningNode) => {
    const { hash, height } = await node.client.tip({ signal: either });
    tips.set(node, { hash, height });
    const hashes = new Set([...tips.values()].map((tip) => tip.hash));
    if (tips.size === nodes.length && hashes.size === 1) agree({ hash, height });
  };
  const watch = async (node: RunningNode) => {
    const { cursor } = await node.client.nodeInfo({ signal: either });
    await look(node);
    for await (const { __typename } of node.client.events({ after: cursor, signal: either })) {
      if (__typename !== 'MempoolEvent' && __typename !== 'PeersEvent' && __typename !== 'MinerEvent') await look(node);
    }
    return await agreed;
  };
  try {
    return await Promise.race([agreed, ...nodes.map(watch)]);
  } finally {
    ending.abort();
  }
}

/** `node-0 and node-1 stand at 5 (0f3c…), node-2 at 4 (91aa…)` */
function differences(tips: ReadonlyMap<RunningNode, BlockPlace>): string {
  const names = new Map<string, string[]>();
  for (const [{ name }, { hash, height }] of tips) {
    const tip = `height ${height} (${shortHash(hash)})`;
    names.set(tip, [...(names.get(tip) ?? []), name]);
  }
  return [...names].map(([tip, who]) => `${who.join(', ')} at ${tip}`).join('; ');
}
