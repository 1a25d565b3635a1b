import { networkInterfaces } from 'node:os';
import type { HttpServer } from '../http/http-server.ts';
import { isLoopbackHost } from '../http/loopback.ts';
import { normalisePeerUrl, PeerUrlError } from '../transport/peer-url.ts';
import type { NodeOptions } from './node-options.ts';

/** Where other nodes reach this one. Bound to all interfaces, it is the first external address. */
export function announcedUrl(bindHost: string, http: HttpServer): string {
  if (bindHost !== '0.0.0.0' && bindHost !== '::') return http.url;
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = addresses.find((address) => !address.internal && address.family === 'IPv4');
  return outside ? `http://${outside.address}:${http.port}` : http.url;
}

/**
 * Whether only users of this machine are meant to call. A further allowed name, or an announced URL, means that others
 * call as well, probably through a proxy, whose requests may look like those of the local user.
 */
export function isForThisMachine({ host, allowedHosts, announce }: NodeOptions): boolean {
  return isLoopbackHost(host) && allowedHosts.length === 0 && announce === null;
}

/** Whether the local user (`Caller.isLocal`) controls the node without its token; else every caller needs it. */
export function trustsLocalUser(options: NodeOptions): boolean {
  return isForThisMachine(options) && options.adminTokenFile === null;
}

/** The canonical form of a URL; null for one that other machines could not use, such as an address with a zone. */
export function canonicalUrl(url: string): string | null {
  try {
    return normalisePeerUrl(url);
  } catch (error) {
    if (error instanceof PeerUrlError) return null;
    throw error;
  }
}
