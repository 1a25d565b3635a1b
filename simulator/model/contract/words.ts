import { type Place, Refusal } from './refusal.ts';

const words = (list: string): ReadonlySet<string> => new Set(list.trim().split(/\s+/));

const LANGUAGE = words(`break class const continue else export false for function if import interface let new of private
  public readonly return this throw true type void while`);
const HOST = words('Address BigInt Error List Math Number Table address at chain require sha256 verify');
const EVERY_OBJECT = words(`constructor hasOwnProperty isPrototypeOf propertyIsEnumerable prototype then toJSON
  toLocaleString toString valueOf`);
const LEFT_OUT =
  words(`arguments as async await case catch debugger default delete do enum eval extends finally globalThis
  implements in instanceof null package protected static super switch try typeof undefined var with yield NaN
  Infinity Date Map Set Array Object String Boolean JSON Promise RegExp console`);
const TYPES = words('any bigint boolean never number object string symbol unknown');

/** What a source can import: the host's words that JavaScript does not have. */
export const IMPORTABLE = words('Address List Table address at chain require sha256 verify');

/** Throws `Refusal` if a word cannot be the name of something. */
export function checkName(word: string, place: Place): void {
  if (LEFT_OUT.has(word)) throw new Refusal('left-out', place);
  if (LANGUAGE.has(word) || HOST.has(word) || EVERY_OBJECT.has(word)) throw new Refusal('reserved-name', place);
}

/** Throws `Refusal` if a word cannot be the name of a class, an interface or an alias. */
export function checkTypeName(word: string, place: Place): void {
  checkName(word, place);
  if (TYPES.has(word)) throw new Refusal('reserved-name', place);
}

/** Whether a word is one of those that the language left out. */
export function isLeftOut(word: string): boolean {
  return LEFT_OUT.has(word);
}
