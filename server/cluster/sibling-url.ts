import { reachableUrl } from '../http/listen.ts';
import type { NodeOptions } from '../node/node-options.ts';
import { normalisePeerUrl } from '../transport/peer-url.ts';

/**
 * The canonical URL at which other nodes of a cluster call this one.
 * @throws PeerUrlError for an address that cannot stand in a URL
 */
export function siblingUrl({ host, port }: Pick<NodeOptions, 'host' | 'port'>): string {
  return normalisePeerUrl(reachableUrl(host, port));
}
