import { systemCode, systemProblem } from '../system-problem.ts';

/**
 * Why a data folder cannot be used. `locked`: another process has it. `foreign`: it belongs to another network or to
 * something else. `damaged`: what it holds is not what was written. `version`: a newer program wrote it. `io`: the disk
 * refuses to read or write.
 */
export type StoreErrorCode = 'locked' | 'foreign' | 'damaged' | 'version' | 'io';

/** The data folder or its disk fails. The message is one line that says what to do. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
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
  const message = `data folder ${directory} is damaged: ${detail}; rebuild it from its blocks with --reindex`;
  return new StoreError('damaged', message, { cause });
}

/** A {@link StoreError} for a disk that fails; `action` is what was tried, as in `cannot write to`. */
export function diskFailure(directory: string, action: string, cause: unknown): StoreError {
  const advice = WRONG_PLACE.has(systemCode(cause) ?? '')
    ? 'choose another folder with --data-dir'
    : "check the disk's space and health";
  const message = `cannot ${action} data folder ${directory}: ${systemProblem(cause)}; ${advice}`;
  return new StoreError('io', message, { cause });
}
