import type { AddressInfo, Server } from 'node:net';
import { hostAndPort } from '../transport/remote-address.ts';
import { type ListenPlace, listenError } from './listen-error.ts';

const WILDCARD_HOSTS: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * Starts to listen; port 0 takes any that is free.
 *
 * @returns the port
 * @throws ListenError when host or port cannot be used
 */
export function listen(server: Server, place: ListenPlace): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenError(error, place));
    server.once('error', onError);
    server.listen({ host: place.host, port: place.port }, () => {
      server.off('error', onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Base URL at which clients on this machine reach the server, without a trailing slash. */
export function reachableUrl(host: string, port: number): string {
  return `http://${hostAndPort(WILDCARD_HOSTS[host] ?? host, port)}`;
}
