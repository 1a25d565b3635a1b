import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** What a stub answers. Without `http` it answers with an empty object, and over a socket nothing. */
export interface StubAnswers {
  /** HTTP status and body; null: it never answers. */
  http?(body: string): { readonly status?: number; readonly body: unknown } | null;
  /** Called for each operation over a socket, with its variables. */
  operation?(id: string, socket: WebSocket, variables: Readonly<Record<string, unknown>>): void;
}

/** A server that speaks as a node does and answers what a test makes up. */
export interface StubNode {
  readonly url: string;
  readonly sockets: Set<WebSocket>;
  stop(): Promise<void>;
}

/** The message that answers an operation. */
export const nextMessage = (id: string, data: unknown): string =>
  JSON.stringify({ type: 'next', id, payload: { data } });

/** Starts a stub on a free port of the loopback interface. */
export async function startStubNode(answers: StubAnswers): Promise<StubNode> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const question = Buffer.concat(chunks).toString();
    const answer = answers.http ? answers.http(question) : { body: {} };
    if (answer === null) return;
    const { status = 200, body } = answer;
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  const sockets = new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' });
  sockets.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const { type, id, payload } = JSON.parse(String(data));
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (type === 'ping') socket.send('{"type":"pong"}');
      if (type === 'subscribe') answers.operation?.(id, socket, payload.variables ?? {});
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets: sockets.clients,
    stop: async () => {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sends messages in one piece, which a client reads at once. */
export function sendTogether(socket: WebSocket, messages: readonly string[]): void {
  const { _socket: stream } = socket as unknown as { readonly _socket: Socket };
  stream.cork();
  for (const message of messages) socket.send(message);
  stream.uncork();
}
