import { quotable } from '../consensus/quotable.ts';

/** HTTP's own port, which clients leave out of `Host`. */
const DEFAULT_HTTP_PORT = 80;
/** Foreign text repeated in a reason is cut here. */
const MAX_QUOTED_CHARS = 100;

/** Who may call the API of a node. */
export interface GuardPolicy {
  /** Where the node listens. */
  readonly port: number;
  /** Names, besides the loopback ones, by which this node may be called: lower case, without brackets or port. */
  readonly hosts: readonly string[];
  /** Origins, besides loopback ones, whose pages may call, exactly as browsers send them; never "null". */
  readonly allowedOrigins: readonly string[];
}

/** What the guard looks at; `headers` is Node's `headersDistinct`. */
export interface GuardRequest {
  readonly method: string;
  readonly headers: NodeJS.Dict<string[]>;
}

export type GuardDecision =
  /** `corsOrigin` is whom the answer may be shown to, or null where no website asked. */
  | { readonly allowed: true; readonly corsOrigin: string | null }
  | { readonly allowed: false; readonly status: 403 | 405; readonly reason: string };

/**
 * Whether whoever sent this may talk to the node at all: decided by `Host` (against DNS rebinding) and `Origin` (against
 * websites that drive a local node). All that an upgrade needs; requests need `checkRequest`.
 */
export function checkCaller(request: GuardRequest, policy: GuardPolicy): GuardDecision {
  const { host: hosts = [], origin: origins = [] } = request.headers;
  const [host] = hosts;
  if (host === undefined || hosts.length > 1) return refuse(403, 'the request needs exactly one Host header');
  if (!isOwnHost(host.toLowerCase(), policy)) return refuse(403, `host ${quote(host)} is not this node`);
  const [origin] = origins;
  if (origin === undefined) return { allowed: true, corsOrigin: null };
  if (origins.length > 1) return refuse(403, 'the request has more than one Origin header');
  // Sandboxed pages of any website send the literal "null", which neither of the two matches.
  if (!isLoopbackOrigin(origin) && !isSameOrigin(origin, host) && !policy.allowedOrigins.includes(origin)) {
    return refuse(403, `origin ${quote(origin)} is not allowed; see --allow-origin`);
  }
  return { allowed: true, corsOrigin: origin };
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

function isOwnHost(host: string, policy: GuardPolicy): boolean {
  const parts = splitHost(host);
  if (!parts) return false;
  // Behind a proxy a configured name has the proxy's port.
  if (policy.hosts.includes(parts.name)) return true;
  return isLoopbackName(parts.name) && (parts.port ?? DEFAULT_HTTP_PORT) === policy.port;
}

function isLoopbackOrigin(origin: string): boolean {
  const [, authority] = /^https?:\/\/(.+)$/.exec(origin) ?? [];
  const parts = authority === undefined ? null : splitHost(authority);
  return parts !== null && isLoopbackName(parts.name);
}

/** The node's own pages. `Host` has been checked, so no name that an attacker chose can stand in both. */
function isSameOrigin(origin: string, host: string): boolean {
  return origin === `http://${host.toLowerCase()}` || origin === `https://${host.toLowerCase()}`;
}

/** Splits `name`, `name:port`, `[IPv6]` or `[IPv6]:port`, in lower case; null for anything else. */
function splitHost(text: string): { readonly name: string; readonly port: number | null } | null {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::([0-9]{1,5}))?$/.exec(text) ?? [];
  const name = bracketed ?? plain;
  if (name === undefined) return null;
  return { name, port: port === undefined ? null : Number(port) };
}

function isLoopbackName(name: string): boolean {
  return name === 'localhost' || name === '::1' || /^127(\.[0-9]{1,3}){3}$/.test(name);
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
