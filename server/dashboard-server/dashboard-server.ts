import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import sirv from 'sirv';
import { isLoopbackUrl } from '../../protocol/addresses.ts';
import { ConnectionLimits } from '../http/connection-limits.ts';
import { checkCaller, EMBEDDED_REASON, type GuardPolicy, isEmbedded } from '../http/guard.ts';
import { listen, reachableUrl } from '../http/listen.ts';
import type { ListenPlace } from '../http/listen-error.ts';
import { announcedHostNames, networkAddresses, ownHostNames } from '../http/own-host-names.ts';
import { SLOW_CLIENT_LIMITS } from '../http/slow-client-limits.ts';
import { hostAndPort } from '../transport/remote-address.ts';
import { INDEX_FILE } from './dashboard-folder.ts';
import { LOCAL_SECURITY_HEADERS, SECURITY_HEADERS } from './security-headers.ts';

/** Time in which a client must have sent the whole request. */
const REQUEST_TIMEOUT_MS = 10_000;

const NODES_PATH = '/nodes.json';
/** Names below it hold a hash of the content. */
const ASSETS_PATH = '/assets/';
const FOREVER = 'public, max-age=31536000, immutable';
/** Kept, but asked for again each time; the answer is 304 where the ETag is the same. */
const REVALIDATED = 'no-cache';

const OTHER_NAME_REASON =
  'this server does not accept this host name; open the URL that it printed, or allow the name with --allow-host';
const NOTHING_HERE = 'nothing at this path';
const INTERNAL_ERROR = 'internal error';

/** A node that the page begins with. */
export interface ShownNode {
  /** Base URL, as this machine reaches it. */
  readonly url: string;
  /** Base URL that visitors from elsewhere are told; null: that of this machine, by the name that they call it. */
  readonly announce: string | null;
}

/** What the dashboard's server is told at its start. */
export interface DashboardServerOptions extends ListenPlace {
  /** Host names, in lower case, that the server may be called by besides loopback and its own. */
  readonly allowedHosts: readonly string[];
  /** The nodes that the page shows. */
  readonly nodes: readonly ShownNode[];
  /** Absolute path of the files to serve. */
  readonly folder: string;
}

export interface DashboardServer {
  readonly port: number;
  /** Where browsers on this machine open it, without a trailing slash. */
  readonly url: string;
  /** Where others open it; none where only this machine can. */
  readonly networkUrls: readonly string[];
  /** Takes no more connections and cuts off those that are open: a file that was not received can be asked for again. */
  close(): Promise<void>;
}

interface Site {
  readonly policy: GuardPolicy;
  readonly nodes: readonly ShownNode[];
  readonly files: ReturnType<typeof sirv>;
}

/**
 * Serves the files of the dashboard and the list of nodes with which it begins, and nothing else. Every path that
 * names no file is a page of the application.
 *
 * @throws ListenError when host or port cannot be used
 */
export async function startDashboardServer(options: DashboardServerOptions): Promise<DashboardServer> {
  const server = createServer({
    ...SLOW_CLIENT_LIMITS,
    requestTimeout: REQUEST_TIMEOUT_MS,
  });
  const limits = new ConnectionLimits();
  server.on('connection', (socket) => limits.add(socket));
  const port = await listen(server, options);
  const site: Site = {
    policy: { hosts: hostNamesOf(options), allowedOrigins: [] },
    nodes: options.nodes,
    // `dev` looks at the disk for each request, so that a dashboard that is built anew is served without a restart.
    // The fallback of `single` is not used: its pattern takes time exponential in the length of a crafted path.
    files: sirv(options.folder, { dev: true, etag: true, extensions: [] }),
  };
  server.on('request', (request, response) => {
    limits.onRequest(request, response);
    try {
      answer(request, response, site);
    } catch {
      // Our own mistake. Of whoever asks, nobody may end the server for the others.
      if (response.headersSent) response.destroy();
      else sendText(response, 500, INTERNAL_ERROR);
    }
  });
  return {
    port,
    url: reachableUrl(options.host, port),
    networkUrls: networkAddresses(options.host).map((name) => `http://${hostAndPort(name, port)}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Who is told to visit a node by the name that it announces finds its dashboard there too. */
function hostNamesOf({ host, allowedHosts, nodes }: DashboardServerOptions): string[] {
  return [...ownHostNames(host), ...nodes.flatMap(({ announce }) => announcedHostNames(announce)), ...allowedHosts];
}

function answer(request: IncomingMessage, response: ServerResponse, { policy, nodes, files }: Site): void {
  response.setHeaders(SECURITY_HEADERS);
  response.setHeader('Cache-Control', REVALIDATED);
  // Against DNS rebinding. Their origin is not asked: pages of other sites can neither embed these files nor read them.
  const { host, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = request.headersDistinct;
  const { method = '', httpVersion } = request;
  const headers = { host, 'sec-fetch-site': site, 'sec-fetch-mode': mode };
  const decision = checkCaller({ method, httpVersion, headers }, policy);
  if (!decision.allowed) {
    return sendText(response, decision.status, isEmbedded({ method, headers }) ? EMBEDDED_REASON : OTHER_NAME_REASON);
  }
  if (decision.caller.isLocal) response.setHeaders(LOCAL_SECURITY_HEADERS);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return sendText(response, 405, 'only files are served here, by GET');
  }
  const path = pathOf(request);
  if (path === null) return sendText(response, 400, 'the path of the request is malformed');
  if (path === NODES_PATH) return sendNodes(request, response, nodes);
  if (isHidden(path)) return sendText(response, 404, NOTHING_HERE);
  if (path.startsWith(ASSETS_PATH)) response.setHeader('Cache-Control', FOREVER);
  else if (!isFile(path)) request.url = `/${INDEX_FILE}`;
  sendFile(request, response, files);
}

/** The path in plain characters; null where it has none or is not validly encoded. */
function pathOf(request: IncomingMessage): string | null {
  const [encoded = ''] = (request.url ?? '').split('?', 1);
  if (!encoded.startsWith('/')) return null;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}

/** Whether a path leads upwards or to a dot file, by any way of writing it. No page or asset has such a name. */
function isHidden(path: string): boolean {
  return path.includes('\0') || path.split(/[/\\]/).some((segment) => segment.startsWith('.'));
}

/** Files have an extension, pages have none. */
function isFile(path: string): boolean {
  return path.slice(path.lastIndexOf('/')).includes('.');
}

function sendFile(request: IncomingMessage, response: ServerResponse, files: Site['files']): void {
  // sirv throws at ranges that end before they begin. Ranges are optional, and these files are small.
  delete request.headers.range;
  // sirv handles neither a file that is replaced while it opens it, which would end the process, nor a client that
  // goes away, which would leave the file open.
  response.once('pipe', (file) => {
    file.once('error', () => response.destroy());
    response.once('close', () => file.destroy());
  });
  files(request, response, () => {
    response.setHeader('Cache-Control', REVALIDATED);
    sendText(response, 404, NOTHING_HERE);
  });
}

/** Where a visitor who has reached this server by `host`, its name with the port, finds a node. */
function urlFor(host: string, { url, announce }: ShownNode): string {
  const visited = new URL(`http://${host}`);
  if (isLoopbackUrl(`http://${visited.hostname}:0`)) return url;
  if (announce !== null) return announce;
  const node = new URL(url);
  // To a visitor from elsewhere, loopback would be a node of their own machine.
  if (isLoopbackUrl(`http://${node.hostname}:0`)) node.hostname = visited.hostname;
  return node.origin;
}

function sendNodes(request: IncomingMessage, response: ServerResponse, nodes: readonly ShownNode[]): void {
  const host = request.headers.host ?? '';
  const body = JSON.stringify({ nodes: nodes.map((node) => urlFor(host, node)) });
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  response.setHeader('ETag', etag);
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }).end(body);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
