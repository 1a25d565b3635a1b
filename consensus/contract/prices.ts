/*
 * What things cost, in gas. One gas stands for about 25 ns on the reference machine with nothing cached, and no operation
 * is to take more than twice that: `npm run bench -- contracts`. Prices are rules of
 * the network, defined on the nodes of the syntax tree, so that an implementation of another design agrees on them:
 * docs/contracts.md. What an operation does with bytes, elements or slots is charged before it is done.
 */

/** Each evaluated node that is not named below. */
export const GAS_NODE = 1;
/** More for a node that makes, compares or reads a bigint of an operator. */
export const GAS_BIGINT = 4;
/** An element, property or length that is read or written: it has to be found first. */
export const GAS_ACCESS = 2;
export const GAS_MULTIPLY = 2;
export const GAS_DIVIDE = 4;
export const GAS_POWER = 60;
/** A call of a method or function of the same contract, without its arguments and what it does. */
export const GAS_CALL = 12;
/** A round of a loop. */
export const GAS_ROUND = 2;

/** An element of an array or a property of a record that is made, copied, checked, compared or encoded. */
export const GAS_ELEMENT = 2;
/** Bytes of a text that are joined, cut or compared for one gas, rounded up. */
export const TEXT_BYTES_PER_GAS = 2;
/** Pairs of bytes for one gas, where each byte of one text may be compared with each of another. */
export const TEXT_PAIRS_PER_GAS = 32;
/** A value in a template text, before the bytes of the result; `BigInt` and `Number` too. */
export const GAS_CONVERT = 20;

/** A byte that is encoded, decoded or hashed. */
export const GAS_ENCODED_BYTE = 1;
/** A byte that is kept for ever: of a slot, an event, a result, a source. */
export const GAS_KEPT_BYTE = 20;
/** Any use of a field, table or list, before the bytes of the key. */
export const GAS_SLOT = 60;
/** More for the first use of a slot in a transaction. */
export const GAS_SLOT_LOAD = 400;
/** More for each slot that differs at the end. */
export const GAS_SLOT_WRITE = 4_000;
/** Bytes that a slot counts which was not there before, besides its value. */
export const NEW_SLOT_BYTES = 200;

/** A value that the host knows: caller, height, balance and so on. */
export const GAS_CHAIN = 2;
/** `chain.hash`: a read of another block. */
export const GAS_BLOCK_HASH = 400;
export const GAS_PAY = 2_000;
/** `chain.emit`, before its bytes. */
export const GAS_EVENT = 400;
/** `sha256`, before its bytes. */
export const GAS_SHA256 = 100;
/** `verify`, before its bytes: as dear as the slowest engine is slow. */
export const GAS_VERIFY = 200_000;
/** A call of another contract, before its source and its arguments. */
export const GAS_ENTER = 500;
/** A byte of the source of a contract, the first time that a transaction enters it: compiled, or in a cache by chance. */
export const GAS_LOAD_BYTE = 12;
