import { ByteReader } from '../codec.ts';
import { assertInvariant } from '../errors.ts';
import { hexToBytes } from '../hex.ts';
import { decodeUntypedValue } from './encoding.ts';
import type { Program } from './program.ts';
import type { SlotPath } from './slot-path.ts';
import type { Field } from './syntax.ts';
import type { Value } from './value.ts';

/** What a slot is in the words of its source. */
export interface SlotField {
  readonly field: Field;
  /** Key of an entry of a table, or place in a list; undefined for a single value and for the length of a list. */
  readonly entryKey: Value | undefined;
}

/** The field that a slot of a contract belongs to. Throws `InvariantError` for a path of no field. */
export function fieldOfSlot(program: Program, path: SlotPath): SlotField {
  const at = program.fieldPaths.findIndex((fieldPath) => path.startsWith(fieldPath));
  const [field, fieldPath] = [program.fields[at], program.fieldPaths[at]];
  assertInvariant(field !== undefined && fieldPath !== undefined, `slot ${path} belongs to no field`);
  const encodedKey = hexToBytes(path.slice(fieldPath.length));
  const entryKey = encodedKey.length === 0 ? undefined : decodeUntypedValue(new ByteReader(encodedKey));
  return { field, entryKey };
}
