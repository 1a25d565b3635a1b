import type { NodeOptions } from '../node/node-options.ts';
import { normalisePeerUrl } from '../transport/peer-url.ts';
import { hostAndPort } from '../transport/remote-address.ts';

/** Addresses that mean every interface of this machine; its loopback interface is one of them. */
const WILDCARD_HOSTS: readonly string[] = ['0.0.0.0', '::'];
const LOOPBACK_HOST = '127.0.0.1';

/**
 * The canonical URL at which other nodes of a cluster call this one.
 * @throws PeerUrlError for an address that cannot stand in a URL
 */
export function siblingUrl({ host, port }: Pick<NodeOptions, 'host' | 'port'>): string {
  return normalisePeerUrl(`http://${hostAndPort(WILDCARD_HOSTS.includes(host) ? LOOPBACK_HOST : host, port)}`);
}
