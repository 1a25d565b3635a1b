import { SvelteMap } from 'svelte/reactivity';
import { succeeded } from '../../client/client-error.ts';
import { ConnectPeerMutation, type Peer } from '../../client/documents.ts';
import { connectedParts } from '../model/connected-parts.ts';
import { cutSides, type SideLetter } from '../model/cut-sides.ts';
import type { LinkWeather } from '../model/link-weather.ts';
import { edgeBetween } from '../model/peer-graph.ts';
import { allOf, conditionsTowards, mayOrder, setConditions, UNCHANGED } from './link-orders.ts';
import type { Network } from './network.svelte.ts';
import type { NodeState } from './node.svelte.ts';

/**
 * A link is up while its ends are connected. One that is not up is listed where it was cut, or has conditions, as one that
 * breaks by loss has until its nodes connect again: it is down.
 */
export type LinkState = 'up' | 'cut' | 'down';

/** A connection between two nodes of the page, or one that was cut or has conditions. */
export interface Link {
  /** The URLs of its ends, in order. */
  readonly key: string;
  readonly ends: readonly [NodeState, NodeState];
  readonly state: LinkState;
  /** As each end tells of it; none unless it is up. */
  readonly connections: readonly Connection[];
  readonly weather: LinkWeather;
  /** Unix milliseconds; null unless it was cut here. */
  readonly cutAtMs: number | null;
}

interface Connection {
  readonly node: NodeState;
  readonly peer: Peer;
}

/** A link that was cut here: which end had called the other. */
interface Cut {
  readonly callerUrl: string;
  readonly calledUrl: string;
  readonly atMs: number;
}

/** The connections between the nodes of the page: cuts them, in two halves or one by one, and mends them. */
export class Partition {
  readonly #network: Pick<Network, 'members' | 'node'>;
  readonly #now: () => number;
  /** By key of the link. */
  readonly #cuts = new SvelteMap<string, Cut>();
  /** URLs of the nodes that this page keeps cut off from all others, which are on side B; null while it does not. */
  #apart = $state.raw<ReadonlySet<string> | null>(null);
  /** Connections that were ordered to end: their nodes tell of them for a moment longer. */
  readonly #ending = new Set<string>();
  /** Keys of the links that the last order cut. */
  #last: readonly string[] = $state.raw([]);

  constructor(network: Pick<Network, 'members' | 'node'>, now: () => number) {
    this.#network = network;
    this.#now = now;
  }

  readonly #live = $derived.by(() => {
    const links = new Map<string, { ends: [NodeState, NodeState]; connections: Connection[] }>();
    for (const node of this.#network.members) {
      if (!node.isOnline) continue;
      for (const peer of node.peers) {
        const other = peer.url === null ? undefined : this.#network.node(peer.url);
        if (!other || other === node || !other.isOnline || !this.#network.members.includes(other)) continue;
        const key = keyOf(node, other);
        const link = links.get(key) ?? { ends: inOrder(node, other), connections: [] };
        link.connections.push({ node, peer });
        links.set(key, link);
      }
    }
    return links;
  });

  /** Pairs of nodes that are not connected, and of which one keeps conditions for the other, or was cut off from it here. */
  readonly #apartPairs: ReadonlyMap<string, readonly [NodeState, NodeState]> = $derived.by(() => {
    const pairs = new Map<string, readonly [NodeState, NodeState]>();
    const { members } = this.#network;
    const add = (a: NodeState | undefined, b: NodeState | undefined): void => {
      if (!a || !b || a === b || ![a, b].every((node) => members.includes(node)) || this.#live.has(keyOf(a, b))) return;
      pairs.set(keyOf(a, b), inOrder(a, b));
    };
    for (const { callerUrl, calledUrl } of this.#cuts.values())
      add(this.#network.node(callerUrl), this.#network.node(calledUrl));
    for (const node of members.filter(({ isOnline }) => isOnline)) {
      for (const { url } of node.weather) add(node, this.#network.node(url));
    }
    return pairs;
  });

  /** All links, also those that are not up, in order of their ends. */
  readonly links: readonly Link[] = $derived.by(() => {
    const { members } = this.#network;
    const live = [...this.#live].map(
      ([key, { ends, connections }]): Link => ({
        key,
        ends,
        state: 'up',
        connections,
        weather: weatherBetween(ends),
        cutAtMs: null,
      }),
    );
    const apart = [...this.#apartPairs].map(([key, ends]): Link => {
      const weather = weatherBetween(ends);
      const cutAtMs = this.#cuts.get(key)?.atMs ?? null;
      const isCut = cutAtMs !== null || weather.some((conditions) => conditions?.cut);
      return { key, ends, state: isCut ? 'cut' : 'down', connections: [], weather, cutAtMs };
    });
    const order = new Map(members.map((node, index) => [node, index]));
    const placeOf = ({ ends }: Link): number => (order.get(ends[0]) ?? 0) * members.length + (order.get(ends[1]) ?? 0);
    return [...live, ...apart].sort((a, b) => placeOf(a) - placeOf(b));
  });

  /** What nodes tell of cuts: a page that was opened later sees the same sides. */
  readonly #sides = $derived.by((): ReadonlyMap<string, SideLetter> | null => {
    const pairsOf = (state: LinkState) =>
      this.links.filter((link) => link.state === state).map(({ ends: [a, b] }) => [a.url, b.url] as const);
    return cutSides(this.#online, pairsOf('up'), pairsOf('cut'));
  });

  /** Whether it is cut in two, and not healed since. */
  get isCutInTwo(): boolean {
    return this.#apart !== null || this.#sides !== null;
  }

  /** The side of a node while the network is cut in two; null else. */
  sideOf(nodeUrl: string): SideLetter | null {
    if (this.#apart === null) return this.#sides?.get(nodeUrl) ?? null;
    return this.#apart.has(nodeUrl) ? 'B' : 'A';
  }

  /** The letter that nodes get which are cut off from all others: A is the side of the first node, on every page. */
  letterFor(apart: ReadonlySet<string>): SideLetter {
    const first = this.#online[0];
    return first !== undefined && apart.has(first) ? 'A' : 'B';
  }

  get #online(): readonly string[] {
    return this.#network.members.filter(({ isOnline, info }) => isOnline && info).map(({ url }) => url);
  }

  /** Parts of the network that have no connection to each other: those that are online, by their URLs. */
  readonly parts = $derived.by(() => {
    return connectedParts(
      this.#online,
      [...this.#live.values()].map(({ ends: [a, b] }) => [a.url, b.url] as const),
    );
  });

  /** Whether there is anything to heal. */
  get isParted(): boolean {
    return this.isCutInTwo || this.parts.length > 1 || this.links.some(({ state }) => state === 'cut');
  }

  /** How many links the last order cut that are not mended since: what {@link undo} would mend. */
  get undoable(): number {
    return this.links.filter(({ key, state }) => state === 'cut' && this.#last.includes(key)).length;
  }

  /** Cuts all links between these nodes and the others, and every one that comes up between them until it is healed. */
  async cutInTwo(apart: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    this.#apart = this.letterFor(apart) === 'B' ? new Set(apart) : this.#allBut(apart);
    this.#last = [];
    try {
      await this.#cutAcross(signal);
    } catch (error) {
      // Half a cut is none.
      if (this.#last.length === 0) this.#apart = null;
      throw error;
    }
  }

  /** Cuts one link. */
  async cut(link: Link, signal: AbortSignal): Promise<void> {
    this.#last = [];
    await this.#cut(link, signal);
  }

  /**
   * Cuts again what was connected across the cut since, such as by a node that looks for peers. Where a link is up again that
   * was cut here, somebody has healed it elsewhere, and this page cuts no more.
   */
  async hold(signal: AbortSignal): Promise<void> {
    if (this.#apart === null) return;
    const healed = this.across.filter(({ key, weather }) => this.#cuts.has(key) && !weather.some((each) => each?.cut));
    if (healed.length === 0) return await this.#cutAcross(signal);
    this.#apart = null;
    for (const { key } of healed) this.#cuts.delete(key);
  }

  /** The links that lead from one side to the other, and that nobody has cut yet. */
  get across(): readonly Link[] {
    return this.links.filter(
      ({ ends: [a, b], connections }) =>
        this.sideOf(a.url) !== this.sideOf(b.url) &&
        connections.some(({ node, peer }) => !this.#ending.has(idOf(node, peer))),
    );
  }

  /** Connects again what was cut, and parts between which there is still no connection. */
  async heal(signal: AbortSignal): Promise<void> {
    this.#apart = null;
    const cut = this.links.filter(({ state }) => state === 'cut');
    const joined = [...this.#live.values(), ...cut].map(({ ends: [a, b] }) => [a.url, b.url] as const);
    const [first, ...others] = connectedParts(this.parts.flat(), joined);
    const hub = first?.[0];
    const missing =
      hub === undefined ? [] : others.flatMap(([url]) => (url === undefined ? [] : [[url, hub] as const]));
    const pairs = [...cut.map((link) => this.#callerFirst(link)), ...missing];
    await allOf(pairs.map(([from, to]) => this.connect(from, to, signal)));
  }

  /** Mends one link. */
  async mend(link: Link, signal: AbortSignal): Promise<void> {
    const [from, to] = this.#callerFirst(link);
    await this.connect(from, to, signal);
  }

  /** Takes the last order to cut back. */
  async undo(signal: AbortSignal): Promise<void> {
    this.#apart = null;
    const links = this.links.filter(({ key, state }) => state === 'cut' && this.#last.includes(key));
    await allOf(links.map((link) => this.mend(link, signal)));
  }

  /** Connects two nodes by their URLs; the one calls that may be ordered to. */
  async connect(from: string, to: string, signal: AbortSignal): Promise<void> {
    const [a, b] = [this.#network.node(from), this.#network.node(to)];
    if (!a || !b) return;
    const [caller, called] = mayOrder(a) || !mayOrder(b) ? [a, b] : [b, a];
    // What was cut here may not be told by the nodes yet. The one that is to call comes last: it tries at once then.
    const wasCutHere = this.#cuts.has(keyOf(a, b));
    for (const [one, other] of [[called, caller] as const, [caller, called] as const]) {
      const isCut = conditionsTowards(one, other)?.cut ?? (wasCutHere && mayOrder(one));
      if (one.isOnline && isCut) await setCut(one, other, false, signal);
    }
    const data = await caller.link?.mutate(ConnectPeerMutation, { url: called.url }, signal);
    if (data) succeeded(data.connectPeer);
    this.#cuts.delete(keyOf(a, b));
  }

  /** The URLs of the ends of a link, first of the one that is known to have called. */
  #callerFirst({ key, ends: [a, b] }: Link): readonly [string, string] {
    const cut = this.#cuts.get(key);
    return cut ? [cut.callerUrl, cut.calledUrl] : [a.url, b.url];
  }

  #allBut(apart: ReadonlySet<string>): ReadonlySet<string> {
    return new Set(this.#network.members.map(({ url }) => url).filter((url) => !apart.has(url)));
  }

  async #cutAcross(signal: AbortSignal): Promise<void> {
    await allOf(this.across.map((link) => this.#cut(link, signal)));
  }

  /**
   * Cuts both ways, so that neither end connects again and every page sees what is cut. A stream needs both ways: where only
   * one end takes orders from this page, its way is enough.
   */
  async #cut({ key, ends: [a, b], connections }: Link, signal: AbortSignal): Promise<void> {
    const ways = [[a, b] as const, [b, a] as const];
    const allowed = ways.filter(([from]) => mayOrder(from));
    const { node, peer } = connections[0] ?? {};
    const isCaller = (node === a) === (peer?.direction === 'OUTBOUND');
    const ids = connections.map((each) => idOf(each.node, each.peer));
    for (const id of ids) this.#ending.add(id);
    try {
      // Where none is allowed, the answers say why.
      await allOf((allowed.length > 0 ? allowed : ways).map(([from, to]) => setCut(from, to, true, signal)));
    } catch (error) {
      for (const id of ids) this.#ending.delete(id);
      throw error;
    }
    const [caller, called] = isCaller ? [a, b] : [b, a];
    this.#cuts.set(key, { callerUrl: caller.url, calledUrl: called.url, atMs: this.#now() });
    this.#last = [...this.#last, key];
  }
}

/** Connections are numbered by each node on its own. */
function idOf({ url }: NodeState, { id }: Peer): string {
  return `${url} ${id}`;
}

function keyOf(a: NodeState, b: NodeState): string {
  return edgeBetween(a.url, b.url).join(' ');
}

function inOrder(a: NodeState, b: NodeState): [NodeState, NodeState] {
  return a.url < b.url ? [a, b] : [b, a];
}

/** Cuts the way from a node to another, or ends its cut; its other conditions stay. */
async function setCut(from: NodeState, to: NodeState, cut: boolean, signal: AbortSignal): Promise<void> {
  await setConditions(from, to, { ...(conditionsTowards(from, to) ?? UNCHANGED), cut }, signal);
}

function weatherBetween([a, b]: readonly [NodeState, NodeState]): LinkWeather {
  const [there, back] = [conditionsTowards(a, b), conditionsTowards(b, a)];
  return [a.isOnline ? there : null, b.isOnline ? back : null];
}
