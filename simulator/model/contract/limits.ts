/** Section 11 of `docs/contracts.md`, once more. What happens at each is said where it is used. */

/** Encoded bytes of all arguments of a call. */
export const MAX_ARGS_BYTES = 4_096;
/** Elements of an array. */
export const MAX_ARRAY = 1_024;
/** Magnitude of a bigint. */
export const MAX_BIGINT = 2n ** 255n - 1n;
/** Contracts that are under way within each other. */
export const MAX_CONTRACT_DEPTH = 8;
/** Events of a transaction. */
export const MAX_EVENTS = 64;
/** Methods and functions that are under way within each other, of all contracts. */
export const MAX_FRAMES = 64;
/** Blocks below the present one whose hash is known. */
export const MAX_HASH_DEPTH = 256;
/** Elements of an array literal, and values of a template text. */
export const MAX_LITERAL_PARTS = 64;
/** Variables that are in scope at once. */
export const MAX_LOCALS = 64;
/** Characters of a name. */
export const MAX_NAME_CHARS = 64;
/** Levels of blocks and expressions within each other. */
export const MAX_NESTING = 32;
/** Magnitude of a number. */
export const MAX_NUMBER = 2 ** 53 - 1;
/** Parameters of a method, properties of a record, values of an event. */
export const MAX_PARAMETERS = 16;
/** Bytes of result and events of a transaction. */
export const MAX_RECEIPT_BYTES = 16_384;
/** Bytes of a source. */
export const MAX_SOURCE_BYTES = 16_384;
/** UTF-16 units of a text. */
export const MAX_TEXT_UNITS = 4_096;
/** Nodes above each other in an expression. */
export const MAX_TREE_HEIGHT = 64;
/** Encoded bytes of a stored value, of a key, and of a result between contracts. */
export const MAX_VALUE_BYTES = 8_192;
