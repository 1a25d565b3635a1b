import { ExpectedError } from '../process/expected-error.ts';
import { settingName } from '../process/setting-name.ts';
import { systemCode, systemProblem } from '../process/system-problem.ts';

/**
 * Why a data folder cannot be used. `locked`: another process has it. `foreign`: it belongs to another network or to
 * something else. `damaged`: its content is not what was written. `version`: a newer program wrote it. `io`: the disk
 * fails to read or write.
 */
export type StoreErrorCode = 'locked' | 'foreign' | 'damaged' | 'version' | 'io';

/** The data folder or its disk fails. The message is one line that says what to do. */
export class StoreError extends ExpectedError {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, { ...options, kind: code === 'damaged' ? 'damaged' : 'failed' });
    this.code = code;
  }
}

/** Errors of the system that say that the path is at fault, not the disk. */
const WRONG_PLACE: ReadonlySet<string> = new Set([
  'EACCES',
  'EEXIST',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

/** A {@link StoreError} for a folder whose content is not what was written; `detail` is what was found. */
export function damagedFolder(directory: string, detail: string, cause?: unknown): StoreError {
  const message = `data folder ${directory} is damaged: ${detail}; rebuild it from its blocks with ${settingName('reindex')}`;
  return new StoreError('damaged', message, { cause });
}

/** A {@link StoreError} for a disk that fails; `action` is what was tried, as in `cannot write to`. */
export function diskFailure(directory: string, action: string, cause: unknown): StoreError {
  const advice = WRONG_PLACE.has(systemCode(cause) ?? '')
    ? `choose another folder with ${settingName('dataDir')}`
    : "check the disk's space and health";
  const message = `cannot ${action} data folder ${directory}: ${systemProblem(cause)}; ${advice}`;
  return new StoreError('io', message, { cause });
}

/**
 * What LMDB says of a file that it cannot have written (lmdb.h): a page that is missing, corrupted, of another version or
 * form, a page or a cursor that is full, a table that is none.
 */
const DAMAGE_CODES: ReadonlySet<unknown> = new Set([
  -30797, -30796, -30795, -30794, -30793, -30787, -30786, -30784, -30780, -30778,
]);

/**
 * A {@link StoreError} for what LMDB throws, which has a number: of the file where that says so, or else of the disk.
 * Other errors are none of LMDB's, and come back as they are.
 */
export function databaseFailure(directory: string, action: string, error: unknown): unknown {
  if (error instanceof StoreError || !(error instanceof Error) || !('code' in error)) return error;
  if (typeof error.code !== 'number') return error;
  if (DAMAGE_CODES.has(error.code)) return damagedFolder(directory, `LMDB says: ${error.message}`, error);
  return diskFailure(directory, action, error);
}
