import { Agent, request } from 'node:http';

/** Asks one server over one connection that stays open, as a test does, and costs the client as little as it can. */
export class JsonCaller {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(url: string) {
    this.#url = url;
  }

  // biome-ignore lint/suspicious/noExplicitAny: a question knows the shape that it asked for
  call(body: object): Promise<any> {
    const text = JSON.stringify(body);
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      const asking = request(this.#url, { agent: this.#agent, method: 'POST', headers }, (response) => {
        let answer = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          answer += chunk;
        });
        response.on('end', () => resolve(JSON.parse(answer)));
      });
      asking.on('error', reject);
      asking.end(text);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
