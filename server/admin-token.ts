import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.ts';

const TOKEN_BYTES = 32;
/** Read and write for the owner, nothing for others. */
const PRIVATE_MODE = 0o600;
const OTHERS_MASK = 0o077;

/** The token file exists but cannot be trusted; the message says what to do. */
export class AdminTokenError extends Error {
  override readonly name = 'AdminTokenError';
}

/** What a caller from another machine must know to control the node. */
export class AdminToken {
  readonly #digest: Buffer;

  /** @param token 64 hex digits */
  constructor(token: string) {
    this.#digest = digest(token);
  }

  /** Whether an `Authorization` value is `Bearer` and this token. Takes the same time whatever it is. */
  accepts(authorization: string | null | undefined): boolean {
    const [, token] = /^Bearer +([^\s]+)$/i.exec(authorization ?? '') ?? [];
    return timingSafeEqual(digest(token ?? ''), this.#digest);
  }
}

/** Whether a node bound to this host can be reached by others than the local user, who is trusted. */
export function requiresToken(bindHost: string): boolean {
  return !(bindHost === 'localhost' || bindHost === '::1' || /^127(\.[0-9]{1,3}){3}$/.test(bindHost));
}

/**
 * Reads the token from its file, creating both at the first start.
 *
 * @throws AdminTokenError when the file is open to other users or holds no token
 * @throws Error of the file system
 */
export async function loadAdminToken(file: string): Promise<AdminToken> {
  const created = randomBytes(TOKEN_BYTES).toString('hex');
  makeFolder(dirname(file));
  try {
    // Fails when the file exists: two nodes that start at once share one token.
    await writeFile(file, `${created}\n`, { flag: 'wx', mode: PRIVATE_MODE });
    return new AdminToken(created);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const { mode } = await stat(file);
  if (process.platform !== 'win32' && (mode & OTHERS_MASK) !== 0) {
    throw new AdminTokenError(`${file} can be read by other users; run: chmod 600 ${file}`);
  }
  const token = (await readFile(file, 'utf8')).trim();
  if (!/^[0-9a-f]{64}$/.test(token)) {
    throw new AdminTokenError(`${file} holds no token of ${TOKEN_BYTES * 2} hex digits; delete it to get a new one`);
  }
  return new AdminToken(token);
}

/** `timingSafeEqual` needs equal lengths; digests have them, and a length would tell something as well. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
