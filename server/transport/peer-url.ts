import { isBasePath } from '../../consensus/base-path.ts';
import { quotable } from '../../consensus/quotable.ts';
import { MAX_PORT, MAX_URL_BYTES } from '../../protocol/limits.ts';

const FORM = 'use http://host:port';
/** The port that a URL with `https` or `wss` and without one has; with `http` it could be 80 or 5000, so it is asked for. */
const HTTPS_PORT = '443';

/** A text that names no node; the message says what to write instead. */
export class PeerUrlError extends Error {
  override readonly name = 'PeerUrlError';
}

/**
 * The one way of writing where a node is reached: `http://host:port`, or `https://host:port/path` behind a proxy that ends
 * TLS and serves the node below a base path. `ws:` and `wss:` are accepted for the same; the host is lower case, the port
 * is always there, and no slash is at the end.
 *
 * @throws PeerUrlError
 */
export function normalisePeerUrl(text: string): string {
  if (text.length > MAX_URL_BYTES) throw new PeerUrlError(`longer than ${MAX_URL_BYTES} characters: ${FORM}`);
  if (!/^[\x21-\x7e]*$/.test(text)) throw new PeerUrlError(`holds a space or a character outside ASCII: ${FORM}`);
  const [, scheme, authority, rest] = /^(https?|wss?):\/\/([^/?#]*)(.*)$/i.exec(text) ?? [];
  if (scheme === undefined || authority === undefined)
    throw new PeerUrlError(`"${quotable(text)}" is not the URL of a node; ${FORM}`);
  // Not repeated in the message, which ends up in logs.
  if (authority.includes('@')) throw new PeerUrlError(`holds a user name or password: ${FORM}`);
  const path = rest?.replace(/\/$/, '') ?? '';
  if (!isBasePath(path))
    throw new PeerUrlError(`${quotable(text)}: what follows the port is no base path, such as /forklore; ${FORM}/path`);
  const secure = /^(https|wss)$/i.test(scheme);
  const { host, port } = splitAuthority(authority, secure);
  if (port === undefined) throw new PeerUrlError(`${quotable(text)}: the port is missing; ${FORM}`);
  if (Number(port) === 0 || Number(port) > MAX_PORT)
    throw new PeerUrlError(`${quotable(text)}: invalid port ${port}; ${FORM}`);
  const url = `${secure ? 'https' : 'http'}://${canonicalHost(host, text)}:${Number(port)}${path}`;
  // `ws` is shorter than `http`.
  if (url.length > MAX_URL_BYTES) throw new PeerUrlError(`longer than ${MAX_URL_BYTES} characters: ${FORM}`);
  return url;
}

/**
 * Where to open the WebSocket to a node.
 *
 * @throws PeerUrlError
 */
export function peerSocketUrl(url: string): string {
  return `${normalisePeerUrl(url).replace('http', 'ws')}/p2p`;
}

/** Taken from the text, because URL forgets a port that is the scheme's default. */
function splitAuthority(authority: string, secure: boolean): { host: string; port: string | undefined } {
  const [, host, port] = /^(.*):([0-9]{1,5})$/.exec(authority) ?? [];
  if (host !== undefined && port !== undefined) return { host, port };
  return { host: authority, port: secure ? HTTPS_PORT : undefined };
}

function canonicalHost(host: string, text: string): string {
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
  if (url?.port !== '') throw new PeerUrlError(`${quotable(text)}: "${quotable(host)}" is not a host name; ${FORM}`);
  return url.hostname;
}
