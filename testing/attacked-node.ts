import { Agent, request } from 'node:http';
import buildOnce from './build-once.ts';
import { type NodeProcess, startNode } from './processes.ts';

/** Pause between two queries of the honest client. */
const PAUSE_MS = 5;
const MIB = 1024 * 1024;

/** What a node's own metrics say of its process. */
export interface Vitals {
  readonly residentMib: number;
  readonly cpuMs: number;
  /** Active handles and requests of the process: sockets, timers, file operations. */
  readonly resources: ReadonlyMap<string, number>;
}

/** Starts the bundle that users run, as a node that others cannot discover. */
export async function startAttackedNode(...flags: readonly string[]): Promise<NodeProcess> {
  buildOnce();
  return await startNode(['--network', 'regtest', '--port', '0', '--ephemeral', '--no-discovery', ...flags]);
}

export async function vitalsOf(nodeUrl: string): Promise<Vitals> {
  const text = await (await fetch(`${nodeUrl}/metrics`)).text();
  const metric = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  const resources = [...text.matchAll(/^nodejs_active_resources\{type="(\w+)"\} (\d+)$/gm)];
  return {
    residentMib: metric('process_resident_memory_bytes') / MIB,
    cpuMs: metric('process_cpu_seconds_total') * 1_000,
    resources: new Map(resources.map(([, type = '', count]) => [type, Number(count)])),
  };
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

/** A request whose headers are exactly these, on a connection of the agent. */
export function send(
  url: string,
  { method = 'POST', headers = {}, body = '', agent }: SendOptions = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const length =
      method === 'POST' ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } : {};
    const sent = request(url, { method, agent, headers: { ...length, ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

interface SendOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent?: Agent;
}

/** An honest client that queries the tip of a node repeatedly, one query after the other, while it is attacked. */
export class HonestClient {
  /** How long each answer took. */
  readonly answersMs: number[] = [];
  readonly failures: string[] = [];
  readonly #url: string;
  readonly #agent: Agent;
  readonly #ended: Promise<void>;
  #stopped = false;

  /** @param keepAlive false: a new connection for each question */
  constructor(nodeUrl: string, keepAlive = true) {
    this.#url = `${nodeUrl}/graphql`;
    this.#agent = new Agent({ keepAlive, maxSockets: 1 });
    this.#ended = this.#ask();
  }

  /** The longest that it waited. */
  get worstMs(): number {
    return Math.max(0, ...this.answersMs);
  }

  /** Resolves when its last question is answered. */
  async stop(): Promise<this> {
    this.#stopped = true;
    await this.#ended;
    this.#agent.destroy();
    return this;
  }

  async #ask(): Promise<void> {
    while (!this.#stopped) {
      const startMs = performance.now();
      const { text } = await send(this.#url, { body: '{"query":"{ tip { height } }"}', agent: this.#agent }).catch(
        (error: unknown) => ({ text: String(error) }),
      );
      if (text.startsWith('{"data":{"tip"')) this.answersMs.push(performance.now() - startMs);
      else this.failures.push(text);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
