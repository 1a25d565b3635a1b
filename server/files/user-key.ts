import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { dataHome } from './data-home.ts';
import { makeFolder } from './make-folder.ts';
import { readOrCreatePrivateFile } from './private-files.ts';

const KEY_FILE = 'store-key';
const KEY_BYTES = 32;
const KEY_ID_DIGITS = 16;
/** Folders above the key that are missing are made for the owner alone. */
const FOLDER_MODE = 0o700;

/** What only this user's nodes know: a data folder whose checksum was made with it was written by one of them. */
export interface UserKey {
  readonly secret: Buffer;
  /** Tells it from the keys of others, and tells nothing of it. */
  readonly id: string;
}

/**
 * The key of this user, created beside the default data folders when it is first asked for. Null where it cannot be kept
 * privately, such as where there is no home directory: then every data folder is looked at page by page.
 */
export function loadUserKey(environment: NodeJS.ProcessEnv = process.env): UserKey | null {
  try {
    const folder = dataHome(environment, process.platform);
    makeFolder(folder, FOLDER_MODE);
    const text = readOrCreatePrivateFile(join(folder, KEY_FILE), `${randomBytes(KEY_BYTES).toString('hex')}\n`).trim();
    return /^[0-9a-f]{64}$/.test(text) ? userKeyOf(Buffer.from(text, 'hex')) : null;
  } catch {
    return null;
  }
}

/** @param secret 32 random bytes */
export function userKeyOf(secret: Buffer): UserKey {
  return { secret, id: createHash('sha256').update(secret).digest('hex').slice(0, KEY_ID_DIGITS) };
}
