import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/**
 * What a node would be without a guard: carries out whatever reaches it, in whatever form. It shows that what pages try
 * on a real node really leaves the browser, and would work.
 */
export class UnguardedNode {
  /** Memos of all mutations that came. */
  readonly carriedOut = new Set<string>();
  readonly #server = createServer((request, response) => {
    readAll(request).then((body) => {
      this.#carryOut(decodeURIComponent((request.url ?? '').replace(/\+/g, ' ')));
      this.#carryOut(body);
      this.#carryOut(decodeURIComponent(body.replace(/\+/g, ' ').replace(/%(?![0-9A-F]{2})/gi, '')));
      response.writeHead(200, {
        'Content-Type': request.headers.accept === 'text/event-stream' ? 'text/event-stream' : 'application/json',
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Headers': '*',
      });
      response.end('{"data":{}}');
    });
  });
  readonly #sockets = new WebSocketServer({ server: this.#server, handleProtocols: ([first]) => first ?? false });

  async listen(): Promise<string> {
    this.#sockets.on('connection', (socket) =>
      socket.on('message', (data) => {
        const { type, payload } = JSON.parse(String(data));
        this.#carryOut(payload?.query ?? '');
        socket.send(type === 'connection_init' ? '{"type":"connection_ack"}' : '{"type":"complete"}');
      }),
    );
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #carryOut(text: string): void {
    for (const [, memo] of text.replaceAll('\\', '').matchAll(/memo: "([a-z-]+)"/g))
      if (memo) this.carriedOut.add(memo);
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
