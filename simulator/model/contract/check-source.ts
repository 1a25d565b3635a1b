import { MethodChecker } from './check-statement.ts';
import type { SourceFile } from './syntax.ts';

/** The static rules of section 4 of `docs/contracts.md` for what stands in functions and methods. Throws `Refusal`. */
export function checkSourceFile(file: SourceFile): void {
  for (const pureFunction of file.functions.values()) new MethodChecker(file, true).check(pureFunction);
  for (const method of file.methods.values()) new MethodChecker(file, false).check(method);
}
