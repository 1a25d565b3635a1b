import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import sirv from 'sirv';
import { isLoopbackUrl } from '../../protocol/addresses.ts';
import { ConnectionLimits } from '../http/connection-limits.ts';
import { checkCaller, EMBEDDED_REASON, type GuardPolicy, isEmbedded } from '../http/guard.ts';
import { listen, reachableUrl } from '../http/listen.ts';
import type { ListenPlace } from '../http/listen-error.ts';
import { announcedHostNames, networkAddresses, ownHostNames } from '../http/own-host-names.ts';
import { SLOW_CLIENT_LIMITS } from '../http/slow-client-limits.ts';
import { hasCode } from '../process/has-code.ts';
import { hostAndPort } from '../transport/remote-address.ts';
import { INDEX_FILE } from './dashboard-folder.ts';
import { LOCAL_SECURITY_HEADERS, SECURITY_HEADERS } from './security-headers.ts';

/** Time in which a client must have sent the whole request. */
const REQUEST_TIMEOUT_MS = 10_000;

const NODES_PATH = '/nodes.json';
/** Names below it hold a hash of the content. */
const ASSETS_PATH = '/assets/';
const FOREVER = 'public, max-age=31536000, immutable';
/** Cached, but revalidated each time; the answer is 304 if the ETag matches. */
const REVALIDATED = 'no-cache';

/** What the built page has in place of the way to the path at which it is served. */
const BASE_OF_PAGE = '<base href="./"';

const OTHER_NAME_REASON =
  'this server does not accept this host name; open the URL that it printed, or allow the name with --allow-host';
const NOTHING_HERE = 'nothing at this path';
const INTERNAL_ERROR = 'internal error';

/** A node that the page shows initially. */
export interface ShownNode {
  /** Base URL, as this machine reaches it. */
  readonly url: string;
  /** Base URL for visitors from other machines; null: this machine, by the host name that they use. */
  readonly announce: string | null;
}

/** Options of the dashboard's server. */
export interface DashboardServerOptions extends ListenPlace {
  /** Accepted host names besides loopback names and its own, in lower case. */
  readonly allowedHosts: readonly string[];
  /** The nodes that the page shows. */
  readonly nodes: readonly ShownNode[];
  /** Absolute path of the files to serve. */
  readonly folder: string;
}

export interface DashboardServer {
  readonly port: number;
  /** Base URL for browsers on this machine, without a trailing slash. */
  readonly url: string;
  /** Base URLs for other machines; empty if only this machine can reach it. */
  readonly networkUrls: readonly string[];
  /** Stops listening and closes open connections: interrupted downloads can be retried. */
  close(): Promise<void>;
}

interface Site {
  readonly policy: GuardPolicy;
  readonly nodes: readonly ShownNode[];
  readonly folder: string;
  readonly files: ReturnType<typeof sirv>;
}

/**
 * Serves the files of the dashboard and the list of its initial nodes, and nothing else. Every path without a file
 * extension is a page of the application.
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
    folder: options.folder,
    // `dev` reads the disk for each request, so that a rebuilt dashboard is served without a restart.
    // The fallback of `single` is not used: its pattern takes time exponential in the length of a crafted path.
    files: sirv(options.folder, { dev: true, etag: true, extensions: [] }),
  };
  server.on('request', (request, response) => {
    limits.onRequest(request, response);
    try {
      answer(request, response, site);
    } catch {
      // An internal error. No request may end the server for others.
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

/** Announced host names of nodes are accepted, so that visitors find the dashboard at the same name. */
function hostNamesOf({ host, allowedHosts, nodes }: DashboardServerOptions): string[] {
  return [...ownHostNames(host), ...nodes.flatMap(({ announce }) => announcedHostNames(announce)), ...allowedHosts];
}

function answer(request: IncomingMessage, response: ServerResponse, { policy, nodes, folder, files }: Site): void {
  response.setHeaders(SECURITY_HEADERS);
  response.setHeader('Cache-Control', REVALIDATED);
  // Against DNS rebinding. The origin is not checked: pages of other sites can neither embed nor read these files.
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
  else if (!isFile(path)) return sendPage(request, response, path, folder);
  sendFile(request, response, files);
}

/** The decoded path; null if it is missing or not validly encoded. */
function pathOf(request: IncomingMessage): string | null {
  const [encoded = ''] = (request.url ?? '').split('?', 1);
  if (!encoded.startsWith('/')) return null;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null;
  }
}

/** Whether a path leads upwards or to a dot file, in any encoding. No page or asset has such a name. */
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

/** URL of a node for a visitor that reached this server by `host` (name and port). */
function urlFor(host: string, { url, announce }: ShownNode): string {
  const visited = new URL(`http://${host}`);
  if (isLoopbackUrl(`http://${visited.hostname}:0`)) return url;
  if (announce !== null) return announce;
  const node = new URL(url);
  // For a visitor from another machine, loopback would mean that machine.
  if (isLoopbackUrl(`http://${node.hostname}:0`)) node.hostname = visited.hostname;
  return node.href.replace(/\/$/, '');
}

function sendNodes(request: IncomingMessage, response: ServerResponse, nodes: readonly ShownNode[]): void {
  const host = request.headers.host ?? '';
  const body = JSON.stringify({ nodes: nodes.map((node) => urlFor(host, node)) });
  sendRevalidated(request, response, 'application/json', body);
}

/**
 * Answers with the page. All that it names is relative to where it is served, which a reverse proxy may have moved below a
 * base path of which this server knows nothing: a view with a longer path is told how far up that is.
 */
function sendPage(request: IncomingMessage, response: ServerResponse, path: string, folder: string): void {
  const depth = path.split('/').length - 2;
  let page: string;
  try {
    page = readFileSync(join(folder, INDEX_FILE), 'utf8');
  } catch (error) {
    // While the page is being rebuilt.
    if (hasCode(error, 'ENOENT')) return sendText(response, 404, NOTHING_HERE);
    throw error;
  }
  const body = depth === 0 ? page : page.replace(BASE_OF_PAGE, `<base href="${'../'.repeat(depth)}"`);
  sendRevalidated(request, response, 'text/html;charset=utf-8', body);
}

function sendRevalidated(request: IncomingMessage, response: ServerResponse, type: string, body: string): void {
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  response.setHeader('ETag', etag);
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}
