import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, closeSync, openSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';

/** Names are random, so that a socket is never mistaken for a later one. */
const SOCKET_NAME = /^lock-socket-[0-9a-f]{16}$/;
const NAME_RANDOM_BYTES = 8;
/** Longest path of a socket in bytes: `sun_path` in unix(7) less its final zero. Longer ones go through a descriptor. */
const MAX_SOCKET_PATH_BYTES = 107;
/** Whoever can reach the folder may ask: nodes of two containers may well run as different users. */
const SOCKET_MODE = 0o666;

/** Errors of a connection to a socket that somebody listens to: too many wait already, or a security module forbids it. */
const LISTENED_TO: ReadonlySet<unknown> = new Set(['EAGAIN', 'EACCES', 'EPERM']);

/** What a socket tells of the process that created it; `unknown` where there is no socket to ask. */
type SocketAnswer = 'listening' | 'dead' | 'unknown';

/** Whether a file in a data folder is such a socket. */
export function isLockSocketName(name: string): boolean {
  return SOCKET_NAME.test(name);
}

/**
 * A socket in a data folder that this process listens to for as long as it lives. The kernel finds it by its file, in
 * whichever PID or network namespace somebody asks, answers for a process that is busy or frozen, and lets it go with
 * the process. A copy of the file is nobody's.
 */
export class LockSocket {
  readonly name: string;
  readonly #path: string;
  readonly #server: Server;

  private constructor(name: string, path: string, server: Server) {
    this.name = name;
    this.#path = path;
    this.#server = server;
  }

  /**
   * Null where there can be none: on other systems than Linux, which have no PID namespaces either, and on file systems
   * without sockets, which fail in ways of their own: some create a file that nobody can connect to.
   */
  static async listen(directory: string): Promise<LockSocket | null> {
    if (process.platform !== 'linux') return null;
    const name = `lock-socket-${randomBytes(NAME_RANDOM_BYTES).toString('hex')}`;
    const path = join(directory, name);
    const server = createServer((connection) => connection.destroy());
    try {
      await withSocketPath(directory, name, async (socketPath) => {
        server.listen(socketPath);
        await once(server, 'listening');
      });
      chmodSync(path, SOCKET_MODE);
      if ((await askLockSocket(directory, name)) !== 'listening') throw new Error('a socket that cannot be found');
    } catch {
      server.close();
      rmSync(path, { force: true });
      return null;
    }
    // A connection that cannot be accepted, for want of descriptors, has been answered by the kernel all the same.
    server.on('error', () => {});
    server.unref();
    return new LockSocket(name, path, server);
  }

  close(): void {
    this.#server.close();
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // A folder that is read-only by now. The next holder clears it away.
    }
  }
}

/** Asks the socket of that name. Throws the system's error where the answer cannot be known. */
export async function askLockSocket(directory: string, name: string): Promise<SocketAnswer> {
  if (process.platform !== 'linux') return 'unknown';
  try {
    await withSocketPath(directory, name, async (path) => {
      const connection = connect(path);
      try {
        await once(connection, 'connect');
      } finally {
        connection.destroy();
      }
    });
    return 'listening';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (LISTENED_TO.has(code)) return 'listening';
    if (code === 'ECONNREFUSED') return 'dead';
    if (code === 'ENOENT') return 'unknown';
    throw error;
  }
}

/** Calls `use` with a path that is short enough for a socket, however deep the folder is. */
async function withSocketPath(directory: string, name: string, use: (path: string) => Promise<void>): Promise<void> {
  const path = join(directory, name);
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH_BYTES) return use(path);
  const folder = openSync(directory, 'r');
  try {
    await use(`/proc/self/fd/${folder}/${name}`);
  } finally {
    closeSync(folder);
  }
}
