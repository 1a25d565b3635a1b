import type { SourcePosition } from '../consensus/contract/source-position.ts';

/** Something that is wrong with a source, or that somebody should know before it is deployed. */
export interface Finding extends SourcePosition {
  /** An error: it does not compile, `tsc` refuses it, or a call that comes there fails. */
  readonly severity: 'error' | 'warning';
  /** In the words of `tsc`, where it refuses the same. */
  readonly message: string;
  /** What to do, or why it is refused here and not by `tsc`; null where the message says it. */
  readonly hint: string | null;
}
