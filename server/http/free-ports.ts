import { createServer } from 'node:http';
import { MAX_PORT } from '../../protocol/limits.ts';
import { isBlockedPort } from './blocked-ports.ts';
import { listen } from './listen.ts';
import { ListenError } from './listen-error.ts';

/** Ports that are passed over in search of free ones. More that are taken in a row are no accident. */
const MAX_PASSED_OVER = 1_000;

/**
 * The first `count` ports from `first` on at which nobody listens and to which browsers connect, lowest first. Nothing keeps
 * others from taking them afterwards.
 * @param count how many are needed
 * @param without ports that are somebody's already
 * @throws ListenError when the host cannot be used, or there are too few
 */
export async function freePorts(
  host: string,
  first: number,
  count: number,
  without: readonly number[] = [],
): Promise<number[]> {
  const free: number[] = [];
  const last = Math.min(MAX_PORT, first + count + MAX_PASSED_OVER);
  for (let port = first; port <= last && free.length < count; port++) {
    if (!isBlockedPort(port) && !without.includes(port) && (await isFree(host, port))) free.push(port);
  }
  if (free.length < count) {
    throw new ListenError(`there are no ${count} free ports from ${first} to ${last}; choose others with --base-port`);
  }
  return free;
}

async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, host, port);
  } catch (error) {
    if (error instanceof ListenError && error.isPortTaken) return false;
    throw error;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
