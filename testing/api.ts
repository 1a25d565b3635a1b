import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

const EVENTS_BEHIND = 'subscription ($cursor: Cursor) { events(after: $cursor) { cursor } }';

/** A client of one node's GraphQL API, over HTTP and WebSocket. */
export class Api {
  readonly #url: string;

  constructor(url: string) {
    this.#url = `${url}/graphql`;
  }

  /** Runs an operation; throws where the answer has errors. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the shape that it asked for
  async query(query: string, variables: Record<string, unknown> = {}): Promise<any> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await response.json()) as { data: unknown; errors?: { message: string }[] };
    if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
    return data;
  }

  /**
   * Subscribes, and resolves with the first value for which `isWanted` holds, the current state being asked for by
   * `current`. A subscription stands a moment after it was asked for; all events since before the first look are asked
   * for as well, so that nothing falls between.
   */
  async until<T>(
    subscription: string,
    current: () => Promise<T>,
    isWanted: (value: T) => boolean,
    limitMs = 20_000,
  ): Promise<T> {
    const { nodeInfo } = await this.query('{ nodeInfo { cursor } }');
    const client = createClient({ url: this.#url.replace('http', 'ws'), webSocketImpl: WebSocket, lazy: false });
    try {
      return await new Promise<T>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`not within ${limitMs} ms: ${subscription}`)), limitMs);
        let isLooking = false;
        let hasNews = false;
        // One look at a time: of a thousand events at once, the last look sees what all of them led to.
        const look = async () => {
          hasNews = true;
          if (isLooking) return;
          isLooking = true;
          while (hasNews) {
            hasNews = false;
            const value = await current();
            if (!isWanted(value)) continue;
            clearTimeout(timer);
            return resolve(value);
          }
          isLooking = false;
        };
        const lookOrFail = () => void look().catch(reject);
        const sink = { next: lookOrFail, error: reject, complete: () => {} };
        client.on('connected', lookOrFail);
        client.subscribe({ query: subscription }, sink);
        client.subscribe({ query: EVENTS_BEHIND, variables: nodeInfo }, sink);
      });
    } finally {
      await client.dispose();
    }
  }

  async height(): Promise<number> {
    return (await this.query('{ tip { height } }')).tip.height;
  }

  async tip(): Promise<string> {
    return (await this.query('{ tip { hash } }')).tip.hash;
  }

  /** Resolves when the node stands on this block. */
  async untilTip(hash: string, limitMs?: number): Promise<void> {
    await this.until(
      'subscription { events { cursor } }',
      () => this.tip(),
      (tip) => tip === hash,
      limitMs,
    );
  }

  async untilPeers(count: number, limitMs?: number): Promise<void> {
    const current = async () =>
      ((await this.query('{ peers { state } }')).peers as { state: string }[]).filter(({ state }) => state === 'READY')
        .length;
    await this.until('subscription { events { cursor } }', current, (ready) => ready >= count, limitMs);
  }
}
