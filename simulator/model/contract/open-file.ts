import { MAX_NESTING } from './limits.ts';
import { type Place, Refusal } from './refusal.ts';
import type { Constant, Signature } from './syntax.ts';
import type { TokenStream } from './token-stream.ts';
import type { ValueType } from './types.ts';

/** A source that is being read: its tokens, and what was declared above. */
export interface OpenFile {
  readonly tokens: TokenStream;
  /** Records and aliases. */
  readonly types: Map<string, ValueType>;
  readonly contracts: Map<string, ReadonlyMap<string, Signature>>;
  readonly constants: Map<string, Constant>;
}

/** Throws `Refusal` if a block or expression stands too deep. */
export function checkLevel(level: number, place: Place): void {
  if (level > MAX_NESTING) throw new Refusal('too-nested', place);
}
