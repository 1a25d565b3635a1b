import { compileContract } from '../../consensus/contract/compile.ts';
import type { Program } from '../../consensus/contract/program.ts';
import { SourceError } from '../../consensus/contract/source-error.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';

/** The program of a source; null for one that does not compile. */
export function programOf(source: string): Program | null {
  try {
    return compileContract(utf8ToBytes(source));
  } catch (error) {
    if (error instanceof SourceError) return null;
    throw error;
  }
}
