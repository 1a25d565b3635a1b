import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A reverse proxy that serves several servers below base paths, which they do not get to know. */
export interface StrippingProxy {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a reverse proxy on a free port, for HTTP and WebSockets. It strips the base path, and keeps `Host`.
 * @param places base path, such as `/nodes/1`, to the origin behind it
 */
export async function startStrippingProxy(places: ReadonlyMap<string, string>): Promise<StrippingProxy> {
  const sockets = new Set<Socket>();
  const behind = ({ url = '' }: IncomingMessage): { origin: URL; path: string } | null => {
    for (const [base, origin] of places)
      if (url.startsWith(`${base}/`)) return { origin: new URL(origin), path: url.slice(base.length) };
    return null;
  };
  const server = createServer((incoming, response) => {
    const place = behind(incoming);
    if (!place) return response.writeHead(404).end();
    const { method, headers } = incoming;
    const outgoing = request(place.origin, { path: place.path, method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    outgoing.once('error', () => response.destroy());
    return incoming.pipe(outgoing);
  });
  server.on('upgrade', (incoming, socket: Socket, head) => {
    const place = behind(incoming);
    if (!place) return socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    const { rawHeaders } = incoming;
    const lines = rawHeaders.flatMap((name, index) => (index % 2 ? [] : [`${name}: ${rawHeaders[index + 1]}`]));
    const upstream = connect(Number(place.origin.port), place.origin.hostname);
    upstream.write([`GET ${place.path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    upstream.write(head);
    for (const [from, to] of [[socket, upstream] as const, [upstream, socket] as const]) {
      sockets.add(from);
      from.once('error', () => to.destroy()).once('close', () => to.destroy());
      from.pipe(to);
    }
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
