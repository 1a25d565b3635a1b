import { prefixOfAddress } from '../../consensus/spending-rules.ts';
import { UsageError } from '../cli-errors.ts';

/** A text that may be the address of a contract: the node knows the rest. Throws `UsageError` for a name and what is neither. */
export function contractAddressOf(text: string): string {
  if (prefixOfAddress(text) !== '') return text;
  throw new UsageError(`ADDRESS must be the address of a contract, as its deploy told it, not "${text}"`);
}
