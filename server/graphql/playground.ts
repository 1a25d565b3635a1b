import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { EXAMPLE_TABS } from './examples.ts';

/**
 * Below it are the files of the playground's page; see `HttpServerOptions.routes`. Relative to the page, so that a reverse
 * proxy may serve the node below a base path, of which the node knows nothing.
 */
const PLAYGROUND_FOLDER = 'playground/';
/** Digits of its content's hash in the name of a file. */
const NAME_HASH_DIGITS = 16;
/** Of Brotli, from 0 to 11: nearly as small as the best, in a tenth of its time. */
const BROTLI_QUALITY = 6;
/** The name identifies the content, so that browsers never need to revalidate it. */
const FOREVER = 'public, max-age=31536000, immutable';
/** Cached, but revalidated each time; the answer is 304 if the ETag matches. */
const REVALIDATED = 'no-cache';

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
const ICON = 'image/x-icon';

/**
 * What GraphiQL may load and do; everything else is forbidden. Its editor makes style elements as it runs, and its
 * styles hold fonts and pictures; nothing comes from elsewhere, and nothing can be sent elsewhere.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

type Encoding = 'br' | 'gzip' | 'identity';

/** One file of the playground, compressed once for all requests. */
class PlaygroundFile {
  /** Relative to the page, with a hash of the content. */
  readonly path: string;
  readonly type: string;
  readonly etag: string;
  readonly #content: Buffer;
  readonly #encoded = new Map<Encoding, Promise<Buffer>>();

  constructor(name: string, type: string, content: string | Buffer) {
    this.#content = Buffer.from(content);
    const hash = createHash('sha256').update(this.#content).digest('hex').slice(0, NAME_HASH_DIGITS);
    this.path = `${PLAYGROUND_FOLDER}${name.replace('.', `-${hash}.`)}`;
    this.type = type;
    this.etag = `"${hash}"`;
  }

  /** In a thread of its own: the largest file has five megabytes. */
  encoded(encoding: Encoding): Promise<Buffer> {
    const known = this.#encoded.get(encoding) ?? compress(this.#content, encoding);
    this.#encoded.set(encoding, known);
    return known;
  }
}

interface PlaygroundSite {
  readonly page: PlaygroundFile;
  readonly files: ReadonlyMap<string, PlaygroundFile>;
}

/** Loaded at the first request, for all nodes of this process: the files have 9 MB. */
let loading: Promise<PlaygroundSite> | null = null;

/** Whether a browser asks for the page rather than for data. */
export function asksForPlayground({ method, headers }: IncomingMessage): boolean {
  const { accept = '' } = headers;
  return method === 'GET' && accept.includes('text/html') && !accept.includes('text/event-stream');
}

/** Answers with GraphiQL's page, which loads nothing from other servers. */
export async function servePlayground(request: IncomingMessage, response: ServerResponse): Promise<void> {
  loading ??= load();
  const { page } = await loading;
  response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY).setHeader('Referrer-Policy', 'no-referrer');
  await send(request, response, page, REVALIDATED);
}

/**
 * Answers with a file that the page loads.
 * @param path of the request, which begins with a slash
 * @returns false if there is no such file
 */
export async function servePlaygroundFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<boolean> {
  loading ??= load();
  const file = (await loading).files.get(path.slice(1));
  if (!file) return false;
  // A worker's own policy is that of its script's answer.
  response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  await send(request, response, file, FOREVER);
  return true;
}

async function load(): Promise<PlaygroundSite> {
  const graphiql = await import('@graphql-yoga/render-graphiql/graphiql');
  const style = new PlaygroundFile('graphiql.css', STYLE, graphiql.css);
  const script = new PlaygroundFile('graphiql.js', SCRIPT, graphiql.js);
  // The favicon is a data: URL.
  const icon = new PlaygroundFile('icon.ico', ICON, Buffer.from(graphiql.favicon.split(',')[1] ?? '', 'base64'));
  const workers = {
    editorWorkerService: new PlaygroundFile('editor.js', SCRIPT, graphiql.editorWorkerService),
    json: new PlaygroundFile('json.js', SCRIPT, graphiql.jsonWorker),
    graphql: new PlaygroundFile('graphql.js', SCRIPT, graphiql.graphqlWorker),
  };
  const start = new PlaygroundFile('start.js', SCRIPT, startScript(workers));
  const files = [style, script, icon, start, ...Object.values(workers)];
  return {
    page: new PlaygroundFile('index.html', HTML, pageOf(style, icon, [script, start])),
    files: new Map(files.map((file) => [file.path, file])),
  };
}

function startScript(workers: Readonly<Record<string, PlaygroundFile>>): string {
  const paths = Object.fromEntries(Object.entries(workers).map(([label, { path }]) => [label, path]));
  const options = {
    title: 'Forklore',
    subscriptionsProtocol: 'WS',
    defaultTabs: EXAMPLE_TABS,
    // They hold the admin token, which later users of this browser must not find.
    shouldPersistHeaders: false,
  };
  return `const workers = ${JSON.stringify(paths)};
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_, label) => new URL(workers[label], document.baseURI).href };
// Earlier versions kept headers, those of each tab too.
for (const name of ['graphiql:headers', 'graphiql:shouldPersistHeaders']) localStorage.removeItem(name);
try {
  const state = JSON.parse(localStorage.getItem('graphiql:tabState'));
  for (const tab of state.tabs) tab.headers = null;
  localStorage.setItem('graphiql:tabState', JSON.stringify(state));
} catch {
  localStorage.removeItem('graphiql:tabState');
}
YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), ${JSON.stringify(options)});
`;
}

function pageOf(style: PlaygroundFile, icon: PlaygroundFile, scripts: readonly PlaygroundFile[]): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Forklore GraphiQL</title>
    <link rel="icon" href="${icon.path}">
    <link rel="stylesheet" href="${style.path}">
${scripts.map(({ path }) => `    <script defer src="${path}"></script>`).join('\n')}
  </head>
  <body id="body" class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
  </body>
</html>
`;
}

async function send(
  { headers, method }: IncomingMessage,
  response: ServerResponse,
  file: PlaygroundFile,
  cacheControl: string,
): Promise<void> {
  const encoding = encodingOf(headers['accept-encoding']);
  // Of each form an own one, as RFC 9110 has it.
  const etag = file.etag.replace(/"$/, `-${encoding}"`);
  response
    .setHeader('Cache-Control', cacheControl)
    .setHeader('ETag', etag)
    .setHeader('Vary', 'Accept, Accept-Encoding, Origin');
  if (headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  const body = await file.encoded(encoding);
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding);
  response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': body.length });
  response.end(method === 'HEAD' ? undefined : body);
}

/** The smallest form that a client takes. */
function encodingOf(accepted = ''): Encoding {
  const taken = accepted
    .toLowerCase()
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map((part) => part.split(';')[0]?.trim());
  if (taken.includes('br')) return 'br';
  return taken.includes('gzip') ? 'gzip' : 'identity';
}

async function compress(content: Buffer, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'identity') return content;
  if (encoding === 'gzip') return promisify(gzip)(content);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
  };
  return promisify(brotliCompress)(content, { params });
}
