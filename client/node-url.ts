import { isBasePath } from '../consensus/base-path.ts';
import { completeNodeUrl } from '../consensus/complete-node-url.ts';

/** A text does not name a node. */
export class NodeUrlError extends Error {
  constructor() {
    super('not the URL of a node, such as http://127.0.0.1:5000');
    this.name = 'NodeUrlError';
  }
}

/**
 * The base URL of a node as `http://host:port`, or `https://host/path` behind a reverse proxy, without a trailing slash,
 * from what people write: `5001`, `localhost:5001`, `http://127.0.0.1:5001/graphql`. A name of this machine becomes
 * 127.0.0.1, so that one node has one name. Throws {@link NodeUrlError}.
 */
export function parseNodeUrl(text: string): string {
  const full = completeNodeUrl(text);
  if (!URL.canParse(full)) throw new NodeUrlError();
  const url = new URL(full);
  if ((url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') throw new NodeUrlError();
  // Some browsers take blanks and the like into a name.
  if (url.hostname.includes('%')) throw new NodeUrlError();
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') throw new NodeUrlError();
  const path = url.pathname.replace(/\/$/, '').replace(/\/graphql$/, '');
  if (!isBasePath(path)) throw new NodeUrlError();
  const host = url.hostname === 'localhost' ? '127.0.0.1' : url.hostname;
  return `${url.protocol}//${host}${url.port === '' ? '' : `:${url.port}`}${path}`;
}

/** As {@link parseNodeUrl}; null for a text that does not name a node. */
export function nodeUrlIn(text: string): string | null {
  try {
    return parseNodeUrl(text);
  } catch (error) {
    if (error instanceof NodeUrlError) return null;
    throw error;
  }
}

/**
 * Whether two URLs lead to one machine as far as their names tell; all names of the loopback interface are alike.
 * @param url, other as {@link parseNodeUrl} gives them
 */
export function isSameHost(url: string, other: string): boolean {
  const [host, otherHost] = [new URL(url).hostname, new URL(other).hostname];
  return host === otherHost || (isLoopback(host) && isLoopback(otherHost));
}

/** Whether a URL leads to the machine that opens it. */
export function isLoopbackUrl(url: string): boolean {
  return isLoopback(new URL(url).hostname);
}

/** @param hostname as URLs have it, where addresses are in their one usual form: nothing else that begins with 127 is one */
function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') return true;
  return /^127(\.[0-9]{1,3}){3}$/.test(hostname);
}
