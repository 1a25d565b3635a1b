import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { dataHome } from './data-home.ts';
import { makeFolder } from './make-folder.ts';
import { readOrCreatePrivateFile } from './private-files.ts';

const KEY_FILE = 'store-key';
const KEY_BYTES = 32;
const KEY_ID_DIGITS = 16;
/** Mode of missing parent folders of the key: owner only. */
const FOLDER_MODE = 0o700;

/** A secret of this user's nodes: a data folder with a checksum made with it was written by one of them. */
export interface UserKey {
  readonly secret: Buffer;
  /** Identifies the key without revealing it. */
  readonly id: string;
}

/**
 * The key of this user, created beside the default data folders at first use. Null if it cannot be kept
 * privately, such as where there is no home directory: then every data folder is checked page by page.
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
