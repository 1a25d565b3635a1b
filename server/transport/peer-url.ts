import { quotable } from '../../consensus/quotable.ts';
import { MAX_PORT, MAX_URL_BYTES } from '../../protocol/limits.ts';

const FORM = 'use http://host:port';

/** A text that names no node; the message says what to write instead. */
export class PeerUrlError extends Error {
  override readonly name = 'PeerUrlError';
}

/**
 * The one way of writing where a node listens: `http://host:port`, or `https://host:port` behind a proxy that ends TLS.
 * `ws:` and `wss:` are accepted for the same; the host is lower case, the port is always there.
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
  if (rest !== '' && rest !== '/') throw new PeerUrlError(`${quotable(text)}: holds a path; ${FORM}`);
  // Taken from the text, because URL forgets a port that is the scheme's default.
  const [, host, port] = /^(.*):([0-9]{1,5})$/.exec(authority) ?? [];
  if (host === undefined || port === undefined)
    throw new PeerUrlError(`${quotable(text)}: the port is missing; ${FORM}`);
  if (Number(port) === 0 || Number(port) > MAX_PORT)
    throw new PeerUrlError(`${quotable(text)}: invalid port ${port}; ${FORM}`);
  const secure = /^(https|wss)$/i.test(scheme);
  const url = `${secure ? 'https' : 'http'}://${canonicalHost(host, text)}:${Number(port)}`;
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

function canonicalHost(host: string, text: string): string {
  const url = URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
  if (url?.port !== '') throw new PeerUrlError(`${quotable(text)}: "${quotable(host)}" is not a host name; ${FORM}`);
  return url.hostname;
}
