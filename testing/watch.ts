import type { LiveNode } from './live-node.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test knows the shape that it asked for
export type Data = Record<string, any>;

/** A subscription over WebSocket that certainly stands. */
export interface Watch {
  next(): Promise<Data>;
  take(count: number): Promise<Data[]>;
  stop(): Promise<unknown>;
}

/**
 * Subscribes and waits until it stands: operations on one socket are taken up in order, so that a query's answer on
 * the same socket tells. It uses the protocol's reference client and not that of client/, because it is the server's
 * protocol that is tested.
 */
export async function watch(live: LiveNode, text: string, variables: Record<string, unknown> = {}): Promise<Watch> {
  const client = live.client();
  const stream = client.iterate<Data>({ query: text, variables });
  const first = stream.next();
  let isFirst = true;
  for await (const _ of client.iterate({ query: '{ tip { hash } }' })) break;
  const next = async (): Promise<Data> => {
    const result = await (isFirst ? first : stream.next());
    isFirst = false;
    if (result.done) throw new Error(`${text} has ended`);
    if (result.value.errors) throw new Error(result.value.errors.map(({ message }) => message).join('; '));
    return result.value.data ?? {};
  };
  return {
    next,
    take: async (count) => {
      const taken: Data[] = [];
      while (taken.length < count) taken.push(await next());
      return taken;
    },
    stop: async () => client.dispose(),
  };
}
