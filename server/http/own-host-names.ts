import { hostname, networkInterfaces } from 'node:os';

const WILDCARDS: readonly string[] = ['0.0.0.0', '::', ''];

/**
 * The names, besides the loopback ones, by which a node bound to this host is called: the host itself, or for all
 * interfaces their addresses and the machine's name. As `GuardPolicy.hosts` wants them.
 */
export function ownHostNames(bindHost: string): string[] {
  if (!WILDCARDS.includes(bindHost)) return [bindHost.toLowerCase()];
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((entry) => entry.address));
  return [...addresses, hostname().toLowerCase()];
}
