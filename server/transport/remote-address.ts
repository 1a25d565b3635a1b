import { isIPv6 } from 'node:net';

/** What an IPv4 address is written behind when it reached a socket that listens on IPv6 as well. */
const MAPPED_PREFIX = '::ffff:';

/** A socket's remote address in its plain form, so that one machine never counts as two. Empty when it is gone. */
export function plainAddress(remoteAddress: string | undefined): string {
  const address = (remoteAddress ?? '').toLowerCase();
  return address.startsWith(MAPPED_PREFIX) ? address.slice(MAPPED_PREFIX.length) : address;
}

/** Whether a plain address is this machine itself. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** `host:port` as in a URL, with brackets where the host has colons of its own. */
export function hostAndPort(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
