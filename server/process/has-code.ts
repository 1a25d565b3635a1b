/** Whether an error is of this kind: system errors and those of Node.js have a `code`, such as `ENOENT`. */
export function hasCode(error: unknown, code: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
