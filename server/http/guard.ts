import { quotable } from '../../consensus/quotable.ts';
import { isLoopbackHost } from './loopback.ts';

/** Foreign text repeated in a reason is cut here. */
const MAX_QUOTED_CHARS = 100;

/** What reverse proxies add to the requests of others, besides all that begins with `x-forwarded`. */
const FORWARDED_PREFIX = 'x-forwarded';
const FORWARDING_HEADERS: ReadonlySet<string> = new Set([
  'cf-connecting-ip',
  'forwarded',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-original-host',
  'x-real-ip',
]);
/**
 * What nginx before 1.29.7 speaks unless it is told otherwise, and no browser or library does. Later ones speak HTTP 1.1 and
 * say nothing of themselves, so that nothing tells their requests from those of the local user: a node that others are meant
 * to call must not go by this alone.
 */
const PROXY_HTTP_VERSION = '1.0';

export const EMBEDDED_REASON = 'pages of other sites may link to this, and not embed it';

/** Who may call the API of a node. */
export interface GuardPolicy {
  /** Names, besides the loopback ones, by which this node may be called: lower case, without brackets or port. */
  readonly hosts: readonly string[];
  /** Origins, besides loopback ones, whose pages may call, exactly as browsers send them; never "null". */
  readonly allowedOrigins: readonly string[];
}

/** What the guard looks at; `headers` is Node's `headersDistinct`. */
export interface GuardRequest {
  readonly method: string;
  readonly httpVersion: string;
  readonly headers: NodeJS.Dict<string[]>;
}

/** What is known of somebody who was let in. */
export interface Caller {
  /**
   * The request was made for a loopback name, and nothing says that a proxy passed it on: on a node that nobody else is meant
   * to call, whoever uses this machine.
   */
  readonly isLocal: boolean;
}

export type GuardDecision =
  /** `corsOrigin` is whom the answer may be shown to, or null where no website asked. */
  | { readonly allowed: true; readonly corsOrigin: string | null; readonly caller: Caller }
  | { readonly allowed: false; readonly status: 403 | 405; readonly reason: string };

/**
 * Whether whoever sent this may talk to the node at all: decided by `Host` (against DNS rebinding), `Origin` (against
 * websites that drive a local node), and `Sec-Fetch-Site` (against those that embed it). All that an upgrade needs;
 * requests need `checkRequest`.
 */
export function checkCaller(request: GuardRequest, policy: GuardPolicy): GuardDecision {
  const { host: hosts = [], origin: origins = [] } = request.headers;
  const [host] = hosts;
  if (host === undefined || hosts.length > 1) return refuse(403, 'the request needs exactly one Host header');
  const name = hostNameOf(host.toLowerCase());
  const isLoopback = name !== null && isLoopbackHost(name);
  if (name === null || !(isLoopback || policy.hosts.includes(name))) {
    return refuse(403, `host ${quote(host)} is not this node; see --allow-host`);
  }
  const caller = { isLocal: isLoopback && !isForwarded(request) };
  const [origin] = origins;
  if (origin === undefined) {
    return isEmbedded(request) ? refuse(403, EMBEDDED_REASON) : { allowed: true, corsOrigin: null, caller };
  }
  if (origins.length > 1) return refuse(403, 'the request has more than one Origin header');
  // Sandboxed pages of any website send the literal "null", which neither of the two matches.
  if (!isLoopbackOrigin(origin) && !isSameOrigin(origin, host) && !policy.allowedOrigins.includes(origin)) {
    return refuse(403, `origin ${quote(origin)} is not allowed; see --allow-origin`);
  }
  return { allowed: true, corsOrigin: origin, caller };
}

/**
 * Whether a page of another site loads this as a part of itself, such as a script or a picture, which browsers do without
 * an `Origin`. A link that somebody follows is no such part. Pages that may call say so by their `Origin`: one on
 * `localhost` is another site for a node at 127.0.0.1.
 */
export function isEmbedded({ method, headers }: Pick<GuardRequest, 'method' | 'headers'>): boolean {
  if (!headers['sec-fetch-site']?.includes('cross-site')) return false;
  return !(method === 'GET' && headers['sec-fetch-mode']?.includes('navigate'));
}

/**
 * Whether an HTTP request may reach the API. A page of another origin can send a form or a plain text without asking
 * first, but neither JSON nor an event stream: these are all that is let through.
 */
export function checkRequest(request: GuardRequest, policy: GuardPolicy): GuardDecision {
  const decision = checkCaller(request, policy);
  if (!decision.allowed) return decision;
  switch (request.method) {
    case 'OPTIONS':
      return decision;
    case 'POST':
      return isJson(request.headers['content-type'])
        ? decision
        : refuse(403, 'the request needs the header Content-Type: application/json');
    case 'GET':
      return asksForPageOrStream(request.headers.accept)
        ? decision
        : refuse(405, 'GET is for GraphiQL and event streams; send queries by POST');
    default:
      return refuse(405, `the method ${quote(request.method)} is not served here`);
  }
}

/** Whether a proxy says that it passes the request on, which may call the node by a loopback name whoever asked. */
function isForwarded({ httpVersion, headers }: GuardRequest): boolean {
  if (httpVersion === PROXY_HTTP_VERSION) return true;
  return Object.keys(headers).some((name) => FORWARDING_HEADERS.has(name) || name.startsWith(FORWARDED_PREFIX));
}

function isLoopbackOrigin(origin: string): boolean {
  const [, authority] = /^https?:\/\/(.+)$/.exec(origin) ?? [];
  const name = authority === undefined ? null : hostNameOf(authority);
  return name !== null && isLoopbackHost(name);
}

/** The node's own pages. `Host` has been checked, so no name that an attacker chose can stand in both. */
function isSameOrigin(origin: string, host: string): boolean {
  return origin === `http://${host.toLowerCase()}` || origin === `https://${host.toLowerCase()}`;
}

/**
 * The name in `name`, `name:port`, `[IPv6]` or `[IPv6]:port`, in lower case; null for anything else, such as 127.999.9.9 or a
 * port above 65535: whoever is let in has a host that a URL can be made of. The port is whatever a proxy or a tunnel in
 * between has.
 */
function hostNameOf(text: string): string | null {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?$/.exec(text) ?? [];
  return URL.canParse(`http://${text}`) ? (bracketed ?? plain ?? null) : null;
}

function isJson(contentTypes: readonly string[] | undefined): boolean {
  const [contentType] = contentTypes ?? [];
  return contentTypes?.length === 1 && contentType?.split(';')[0]?.trim().toLowerCase() === 'application/json';
}

function asksForPageOrStream(accepts: readonly string[] | undefined): boolean {
  const types = (accepts ?? []).flatMap((accept) => accept.split(',')).map((type) => type.split(';')[0]?.trim());
  return types.includes('text/html') || types.includes('text/event-stream');
}

function refuse(status: 403 | 405, reason: string): GuardDecision {
  return { allowed: false, status, reason };
}

function quote(text: string): string {
  return quotable(JSON.stringify(text.slice(0, MAX_QUOTED_CHARS)), 2 * MAX_QUOTED_CHARS);
}
