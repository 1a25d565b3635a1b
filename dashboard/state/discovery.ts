import { DISCOVERED_RETRIES, ELSEWHERE_RETRIES, type Retries } from '../../client/node-connection.ts';
import { isLoopbackUrl, isSameHost, nodeUrlIn } from '../../client/node-url.ts';
import type { NodeState } from './node.svelte.ts';

/** Nodes that were heard of and have not answered yet that are tried at a time, and how many of them on other hosts. */
const MAX_UNPROVEN = 4;
const MAX_UNPROVEN_ELSEWHERE = 1;
/** URLs that wait to be tried; further ones are left out until they are told of again. */
const MAX_WAITING = 256;
/** URLs that led nowhere and are remembered; the oldest are forgotten first. */
const MAX_REFUSED = 1_000;
/** How long such a URL is not tried again. */
const REFUSED_MS = 10 * 60 * 1000;
/** URLs of other hosts that may lead nowhere in that time; after as many, no other host is tried. */
const MAX_REFUSED_ELSEWHERE = 16;

/** A URL to be tried. */
export interface Candidate {
  readonly url: string;
  /** Network of the node that told of it. */
  readonly genesisHash: string;
  /** It is on another host than the node that told of it. */
  readonly isElsewhere: boolean;
  readonly retries: Retries;
}

/**
 * Which nodes the page looks for by itself: peers of named nodes. What a node says of others must not make the page a
 * tool against third hosts, so those are tried one after the other, twice, and few in all; and what a node says from
 * afar of the reader's own machine is no reason to knock there.
 */
export class Discovery {
  readonly #now: () => number;
  /** By URL, in the order in which they were heard of. */
  readonly #waiting = new Map<string, Candidate>();
  /** By URL: what is being tried. */
  readonly #trying = new Map<string, Candidate>();
  readonly #refused = new Map<string, { readonly untilMs: number; readonly isElsewhere: boolean }>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes up what a named node says of its peers. @param isLeftOut URLs that are not wanted, or watched already */
  addPeersOf(node: Pick<NodeState, 'url' | 'info' | 'peers'>, isLeftOut: (url: string) => boolean): void {
    if (!node.info) return;
    const { genesisHash } = node.info;
    for (const { url: told, state } of node.peers) {
      const url = told === null || state !== 'READY' ? null : nodeUrlIn(told);
      if (url === null || isLeftOut(url) || this.#isRefused(url) || this.#waiting.size >= MAX_WAITING) continue;
      const isElsewhere = !isSameHost(url, node.url);
      if (isElsewhere && isLoopbackUrl(url)) continue;
      const retries = isElsewhere ? ELSEWHERE_RETRIES : DISCOVERED_RETRIES;
      this.#waiting.set(url, { url, genesisHash, isElsewhere, retries });
    }
  }

  /** The next one to try; null where none may be tried now. */
  next(): Candidate | null {
    if (this.#trying.size >= MAX_UNPROVEN) return null;
    const mayGoElsewhere = this.#mayGoElsewhere();
    for (const candidate of this.#waiting.values()) {
      if (candidate.isElsewhere && !mayGoElsewhere) continue;
      this.#waiting.delete(candidate.url);
      this.#trying.set(candidate.url, candidate);
      return candidate;
    }
    return null;
  }

  /** A URL that was tried led to a node, or is not tried any more. */
  settle(url: string): void {
    this.#trying.delete(url);
  }

  /** A URL that led nowhere is left alone for a while. */
  refuse(url: string): void {
    const isElsewhere = this.#trying.get(url)?.isElsewhere ?? false;
    this.#trying.delete(url);
    this.#refused.delete(url);
    this.#refused.set(url, { untilMs: this.#now() + REFUSED_MS, isElsewhere });
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > MAX_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
  }

  #mayGoElsewhere(): boolean {
    const trying = [...this.#trying.values()].filter(({ isElsewhere }) => isElsewhere).length;
    const refused = [...this.#refused].filter(([url, { isElsewhere }]) => isElsewhere && this.#isRefused(url)).length;
    return trying < MAX_UNPROVEN_ELSEWHERE && refused < MAX_REFUSED_ELSEWHERE;
  }

  #isRefused(url: string): boolean {
    return (this.#refused.get(url)?.untilMs ?? Number.NEGATIVE_INFINITY) > this.#now();
  }
}
