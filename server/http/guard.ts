import { quotable } from '../../consensus/quotable.ts';
import { isLoopbackHost } from './loopback.ts';

/** Maximum length of header text quoted in a reason. */
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
 * Default of nginx before 1.29.7, and of no browser or library. Later versions use HTTP 1.1 and add no header, so their
 * requests look like those of the local user: a node that others may reach must not rely on this check alone.
 */
const PROXY_HTTP_VERSION = '1.0';

export const EMBEDDED_REASON = 'pages of other sites may link to this, but not embed it';

/** Who may call the API of a node. */
export interface GuardPolicy {
  /** Accepted host names besides loopback names: lower case, without brackets or port. */
  readonly hosts: readonly string[];
  /** Origins, besides loopback ones, whose pages may call, exactly as browsers send them; never "null". */
  readonly allowedOrigins: readonly string[];
}

/** The part of a request that the guard checks; `headers` is Node's `headersDistinct`. */
export interface GuardRequest {
  readonly method: string;
  readonly httpVersion: string;
  readonly headers: NodeJS.Dict<string[]>;
}

/** A caller that has passed the guard. */
export interface Caller {
  /**
   * The request names a loopback host and shows no sign of a proxy: on a node that only this machine uses, the local
   * user.
   */
  readonly isLocal: boolean;
}

export type GuardDecision =
  /** `corsOrigin` is the origin that may read the answer; null if the request is not from a website. */
  | { readonly allowed: true; readonly corsOrigin: string | null; readonly caller: Caller }
  | { readonly allowed: false; readonly status: 403 | 405; readonly reason: string };

/**
 * Whether the sender of a request may talk to the node at all: decided by `Host` (against DNS rebinding), `Origin` (against
 * websites that drive a local node), and `Sec-Fetch-Site` (against those that embed it). Sufficient for upgrades;
 * HTTP requests need `checkRequest`.
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
 * Whether a page of another site loads this as a subresource, such as a script or an image, for which browsers send no
 * `Origin`. Following a link is navigation, not embedding. Allowed pages are recognized by their `Origin`: one on
 * `localhost` is another site for a node at 127.0.0.1.
 */
export function isEmbedded({ method, headers }: Pick<GuardRequest, 'method' | 'headers'>): boolean {
  if (!headers['sec-fetch-site']?.includes('cross-site')) return false;
  return !(method === 'GET' && headers['sec-fetch-mode']?.includes('navigate'));
}

/**
 * Whether an HTTP request may reach the API. A page of another origin can send forms and plain text without a CORS
 * preflight, but neither JSON nor event streams: only those are accepted.
 */
export function checkRequest(request: GuardRequest, policy: GuardPolicy): GuardDecision {
  const decision = checkCaller(request, policy);
  if (!decision.allowed) return decision;
  switch (request.method) {
    case 'OPTIONS':
      return decision;
    case 'POST':
      return isOfType(request.headers['content-type'], 'application/json')
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

/**
 * Whether an HTTP request may download or upload a state file. As for JSON, a page of another origin cannot send bytes of
 * this type without a CORS preflight.
 */
export function checkFileRequest(request: GuardRequest, policy: GuardPolicy): GuardDecision {
  const decision = checkCaller(request, policy);
  if (!decision.allowed) return decision;
  if (request.method === 'GET' || request.method === 'OPTIONS') return decision;
  if (request.method !== 'POST') return refuse(405, `the method ${quote(request.method)} is not served here`);
  return isOfType(request.headers['content-type'], 'application/octet-stream')
    ? decision
    : refuse(403, 'the request needs the header Content-Type: application/octet-stream');
}

/** Whether headers show that a proxy forwarded the request; it may use a loopback name for remote callers. */
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
 * port above 65535, so that an accepted host is always valid in a URL. The port may be that of a proxy or tunnel in
 * between.
 */
function hostNameOf(text: string): string | null {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::[0-9]{1,5})?$/.exec(text) ?? [];
  return URL.canParse(`http://${text}`) ? (bracketed ?? plain ?? null) : null;
}

function isOfType(contentTypes: readonly string[] | undefined, type: string): boolean {
  const [contentType] = contentTypes ?? [];
  return contentTypes?.length === 1 && contentType?.split(';')[0]?.trim().toLowerCase() === type;
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
