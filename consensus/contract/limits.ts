/*
 * Limits of contracts of format 0. All are rules of the network: two nodes with another limit would disagree about the
 * outcome of a call. What happens at the limit stands beside each.
 */

/** Longest source, in bytes of UTF-8. Above it, the source does not compile. */
export const MAX_SOURCE_BYTES = 16_384;
/** Shortest source, in bytes, so that no transaction is smaller than a transfer. */
export const MIN_SOURCE_BYTES = 16;
/** Longest encoded list of arguments of a call from outside, or from one contract to another, in bytes. Above: a trap. */
export const MAX_ARGS_BYTES = 4_096;
/** Longest encoded value that is stored, and longest encoded key, in bytes. Above: a trap. */
export const MAX_VALUE_BYTES = 8_192;
/** Events of one transaction, of all its contracts together. One more: a trap. */
export const MAX_EVENTS = 64;
/** Encoded result and events of one transaction, in bytes. Above: a trap. */
export const MAX_RECEIPT_BYTES = 16_384;
/** Most gas that a transaction can reserve. */
export const MAX_CALL_GAS = 2_000_000;
/** Most gas that the transactions of a block reserve together. */
export const MAX_BLOCK_GAS = 10_000_000;
/** Methods and functions that have begun and not ended, of all contracts of a transaction together. One more: a trap. */
export const MAX_FRAMES = 64;
/** Contracts within contracts, the first one counted. One more: a trap. */
export const MAX_CONTRACT_DEPTH = 8;
/** Local variables of a method that are in scope at the same time, parameters and two for each `for … of` included. */
export const MAX_LOCALS = 64;
/** Parameters of a method; also properties of a record, values of an event, arguments of `Math.min` and `Math.max`. */
export const MAX_PARAMETERS = 16;
/** Longest text, in UTF-16 units, as `length` counts. A literal above it does not compile, an operation traps. */
export const MAX_TEXT_UNITS = 4_096;
/** Longest array. One element more: a trap. */
export const MAX_ARRAY = 1_024;
/** Elements of an array literal, and pieces of a template text. One more does not compile. */
export const MAX_LITERAL_ARRAY = 64;
/** Parentheses, brackets, blocks, calls, prefixes and conditions within each other. One more does not compile. */
export const MAX_NESTING = 32;
/** Height of the tree of an expression: `1 + 1 + 1` has height 3. One more does not compile. */
export const MAX_TREE_HEIGHT = 64;
/** Blocks below the present one whose hashes a contract can read. */
export const MAX_HASH_DEPTH = 256;
/** Longest name of anything in a source, and of an event, in characters. */
export const MAX_NAME_CHARS = 64;
/** Largest magnitude of a number: 2^53 − 1. */
export const MAX_NUMBER = Number.MAX_SAFE_INTEGER;
/** Largest magnitude of a bigint: 2^255 − 1. */
export const MAX_BIGINT = (1n << 255n) - 1n;
