import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { dirname } from 'node:path';
import { makeFolder } from '../files/make-folder.ts';
import { PrivateFileError, readOrCreatePrivateFile } from '../files/private-files.ts';
import { ExpectedError } from '../process/expected-error.ts';
import { settingName } from '../process/setting-name.ts';
import { systemProblem } from '../process/system-problem.ts';

const TOKEN_BYTES = 32;
/** Mode of missing parent folders of the token file: owner only. */
const FOLDER_MODE = 0o700;

/** The token file cannot be used or does not contain a token. The message says what to do. */
export class AdminTokenError extends ExpectedError {}

/** The secret that lets a caller control the node. */
export class AdminToken {
  readonly #digest: Buffer;

  /** @param token 64 hex digits */
  constructor(token: string) {
    this.#digest = digest(token);
  }

  /** Whether an `Authorization` value is `Bearer` and this token. Takes constant time. */
  accepts(authorization: string | null | undefined): boolean {
    const [, token] = /^Bearer +([^\s]+)$/i.exec(authorization ?? '') ?? [];
    return timingSafeEqual(digest(token ?? ''), this.#digest);
  }
}

/**
 * Reads the token from its file, creating both at the first start.
 *
 * @throws AdminTokenError when the file cannot be read or created, or does not contain a token
 * @throws PrivateFileError when other users can access the file
 */
export function loadAdminToken(file: string): AdminToken {
  const token = readOrCreate(file).trim();
  if (!/^[0-9a-f]{64}$/.test(token)) {
    throw new AdminTokenError(`${file} holds no token of ${TOKEN_BYTES * 2} hex digits; delete it to get a new one`);
  }
  return new AdminToken(token);
}

function readOrCreate(file: string): string {
  try {
    makeFolder(dirname(file), FOLDER_MODE);
    return readOrCreatePrivateFile(file, `${randomBytes(TOKEN_BYTES).toString('hex')}\n`);
  } catch (error) {
    if (error instanceof PrivateFileError) throw error;
    const problem = `the admin token cannot be kept in ${file} (${systemProblem(error)})`;
    throw new AdminTokenError(`${problem}; name another file with ${settingName('adminTokenFile')}`, { cause: error });
  }
}

/** `timingSafeEqual` needs equal lengths, which digests have; comparing lengths first would leak the length. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
