import { connect, isIPv4 } from 'node:net';
import { hostAndPort } from '../transport/remote-address.ts';
import { isLoopbackHost } from './loopback.ts';

/** Longest wait for an answer of this machine to itself, which comes at once or not at all. */
const ANSWER_TIMEOUT_MS = 1_000;
const LOOPBACK_V4 = '127.0.0.1';
const LOOPBACK_V6 = '::1';

/**
 * Whether another program listens on the same port in the other address family, where a browser that is sent to
 * `localhost` may end up.
 * @param host that this program listens on, as it was given
 * @returns where the other one listens, as in a URL; null where nobody does
 */
export function listenerOfOtherFamily(host: string, port: number): Promise<string | null> {
  const other = otherLoopback(host);
  if (other === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    const socket = connect({ host: other, port, timeout: ANSWER_TIMEOUT_MS });
    const settle = (found: string | null) => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => settle(hostAndPort(other, port)));
    socket.once('timeout', () => settle(null));
    // Nobody is there, or the machine does not have that family.
    socket.once('error', () => settle(null));
  });
}

/** The loopback address of the family that is not listened on; null where both are, or nobody can tell. */
function otherLoopback(host: string): string | null {
  if (host === LOOPBACK_V6) return LOOPBACK_V4;
  return host === '0.0.0.0' || (isIPv4(host) && isLoopbackHost(host)) ? LOOPBACK_V6 : null;
}
