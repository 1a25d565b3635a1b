import { hostname, networkInterfaces } from 'node:os';
import { isLoopbackUrl } from '../../protocol/addresses.ts';

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

/** The name by which others call a node that announces this URL. As `GuardPolicy.hosts` wants it. */
export function announcedHostNames(announce: string | null): string[] {
  return announce === null ? [] : [hostNameIn(announce)];
}

/** Whether a URL in its wire form is of this machine: at a loopback name, or an address or the name of the machine now. */
export function isOfThisMachine(url: string): boolean {
  return isLoopbackUrl(url) || ownHostNames('').includes(hostNameIn(url));
}

/** Addresses at which others reach a server bound to all interfaces; empty for a single address. IPv4 only, as people type it. */
export function networkAddresses(bindHost: string): string[] {
  if (!WILDCARDS.includes(bindHost)) return [];
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
}

/** Without the brackets that an IPv6 address has in a URL. */
function hostNameIn(url: string): string {
  return new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
}
