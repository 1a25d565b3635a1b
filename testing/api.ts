import { parse } from 'graphql';
import { ClientError } from '../client/client-error.ts';
import { limitedWebSocket } from '../client/node/limited-web-socket.ts';
import { NodeSocket } from '../client/node-socket.ts';
import { NodeTransport } from '../client/node-transport.ts';

const EVENTS_AFTER = parse('subscription ($cursor: Cursor) { events(after: $cursor) { cursor } }');
/** Above any message of a test. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** The client of a node, for operations that tests write as text. */
export class Api {
  readonly #transport: NodeTransport;

  constructor(url: string) {
    this.#transport = new NodeTransport({
      url,
      webSocket: limitedWebSocket(MAX_MESSAGE_BYTES),
      // Mining takes as long as it takes.
      answerTimeoutMs: Number.POSITIVE_INFINITY,
    });
  }

  /** Runs an operation. Throws an `Error` with all messages of the node where the answer has errors. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the shape that it asked for
  async query(text: string, variables: Record<string, unknown> = {}): Promise<any> {
    const document = parse(text);
    const isMutation = document.definitions.some((part) => 'operation' in part && part.operation === 'mutation');
    try {
      if (isMutation) return await this.#transport.mutate(document, variables);
      return await this.#transport.query(document, variables);
    } catch (error) {
      throw withAllMessages(error);
    }
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
    // Without pings: a test may stop a node for longer than they may take.
    const limits = { connectTimeoutMs: limitMs, pingMs: 0, pongTimeoutMs: 0 };
    const socket = new NodeSocket(this.#transport, { ...limits, isLazy: false });
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
        void socket.connected.then(lookOrFail);
        socket.subscribe(parse(subscription), {}, sink);
        socket.subscribe(EVENTS_AFTER, nodeInfo, sink);
      });
    } finally {
      await socket.close();
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

/** A client error has the message of the node's first error alone. */
function withAllMessages(error: unknown): unknown {
  const { apiErrors } = error instanceof ClientError ? error.details : {};
  return apiErrors ? new Error(apiErrors.map(({ message }) => message).join('; '), { cause: error }) : error;
}
