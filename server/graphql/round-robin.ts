/**
 * What waits, in a fair order: round robin, first over clients, then over the connections of each client. What waits for one
 * connection keeps its order.
 */
export class RoundRobin<T> {
  /** The next one to be served is first: of the clients, and of the connections of each. */
  readonly #clients = new Map<string, Map<object, T[]>>();

  get isEmpty(): boolean {
    return this.#clients.size === 0;
  }

  /** How much waits for a client, on all its connections. */
  countOf(client: string): number {
    let count = 0;
    for (const waiting of this.#clients.get(client)?.values() ?? []) count += waiting.length;
    return count;
  }

  add({ client, connection }: { readonly client: string; readonly connection: object }, item: T): void {
    const connections = this.#clients.get(client) ?? new Map<object, T[]>();
    this.#clients.set(client, connections);
    const waiting = connections.get(connection) ?? [];
    connections.set(connection, waiting);
    waiting.push(item);
  }

  /** Takes out what is next; undefined if nothing waits. */
  take(): T | undefined {
    const [nextClient] = this.#clients;
    if (nextClient === undefined) return undefined;
    const [client, connections] = nextClient;
    this.#clients.delete(client);
    const [nextConnection] = connections;
    if (nextConnection === undefined) return undefined;
    const [connection, waiting] = nextConnection;
    connections.delete(connection);
    const item = waiting.shift();
    // Each moves behind all others.
    if (waiting.length > 0) connections.set(connection, waiting);
    if (connections.size > 0) this.#clients.set(client, connections);
    return item;
  }
}
