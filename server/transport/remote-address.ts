import { isIPv6 } from 'node:net';

/** What an IPv4 address is written behind when it reached a socket that listens on IPv6 as well. */
const MAPPED_PREFIX = '::ffff:';

/** A socket's remote address in its plain form, so that one machine never counts as two. Empty when it is gone. */
export function plainAddress(remoteAddress: string | undefined): string {
  const address = (remoteAddress ?? '').toLowerCase();
  return address.startsWith(MAPPED_PREFIX) ? address.slice(MAPPED_PREFIX.length) : address;
}

/** Groups of an IPv6 address that name a network: a /64, since a client with one address of it usually has all. */
const NETWORK_GROUPS = 4;
const IPV6_GROUPS = 8;

/** Who is counted as one client: a plain IPv4 address, or the /64 network of an IPv6 one. */
export function clientOf(remoteAddress: string | undefined): string {
  const address = plainAddress(remoteAddress);
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::', 2);
  const groups = head.split(':').filter(Boolean);
  if (tail !== undefined) {
    const rest = tail.split(':').filter(Boolean);
    while (groups.length + rest.length < IPV6_GROUPS) groups.push('0');
    groups.push(...rest);
  }
  return `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`;
}

/** `host:port` as in a URL, with brackets where the host has colons of its own. */
export function hostAndPort(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
