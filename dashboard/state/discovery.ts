import { isSameHost, NodeUrlError, parseNodeUrl } from '../api/node-url.ts';
import type { NodeState } from './node.svelte.ts';

/** Nodes that were heard of and not answered yet that are tried at a time. */
export const MAX_UNPROVEN = 4;
/** URLs that wait to be tried; further ones are left out until they are told of again. */
const MAX_WAITING = 256;
/** URLs that led nowhere and are remembered; the oldest are forgotten first. */
const MAX_REFUSED = 1_000;
/** How long such a URL is not tried again. */
const REFUSED_MS = 10 * 60 * 1000;

/** A URL to be tried. */
export interface Candidate {
  readonly url: string;
  /** Network of the node that told of it. */
  readonly genesisHash: string;
}

/**
 * Which nodes the page looks for by itself: those that a named node is connected to, on that node's own machine. What a
 * node says of others is no reason to knock at the doors of third hosts, or, from afar, at those of the reader's own.
 */
export class Discovery {
  readonly #now: () => number;
  /** By URL, in the order in which they were heard of: the network. */
  readonly #waiting = new Map<string, string>();
  /** By URL: until when. */
  readonly #refused = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes up what a named node says of its peers. @param isLeftOut URLs that are not wanted, or watched already */
  hear({ url: teller, info, peers }: NodeState, isLeftOut: (url: string) => boolean): void {
    if (!info) return;
    for (const { url: told, state } of peers) {
      const url = told === null || state !== 'READY' ? null : nodeUrlIn(told);
      if (url === null || !isSameHost(url, teller) || isLeftOut(url) || this.#isRefused(url)) continue;
      if (this.#waiting.size < MAX_WAITING) this.#waiting.set(url, info.genesisHash);
    }
  }

  /** The next one to try; null where none waits. */
  next(): Candidate | null {
    const [first] = this.#waiting;
    if (!first) return null;
    this.#waiting.delete(first[0]);
    return { url: first[0], genesisHash: first[1] };
  }

  /** A URL that led nowhere is left alone for a while. */
  refuse(url: string): void {
    this.#refused.delete(url);
    this.#refused.set(url, this.#now() + REFUSED_MS);
    const [oldest] = this.#refused.keys();
    if (this.#refused.size > MAX_REFUSED && oldest !== undefined) this.#refused.delete(oldest);
  }

  #isRefused(url: string): boolean {
    return (this.#refused.get(url) ?? 0) > this.#now();
  }
}

/** What a node says of others may be anything. */
export function nodeUrlIn(text: string): string | null {
  try {
    return parseNodeUrl(text);
  } catch (error) {
    if (error instanceof NodeUrlError) return null;
    throw error;
  }
}
