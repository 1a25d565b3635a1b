import * as gas from './prices.ts';

/**
 * Instructions of the machine, each with the price of the node of the tree that it stands for. Instructions that no node
 * stands for cost nothing: a node has a price, not the way in which it is compiled. What is charged by size is charged by
 * the operation.
 */
const INSTRUCTIONS = [
  ['CONSTANT', gas.GAS_NODE],
  ['LOAD', gas.GAS_NODE],
  ['LOAD_CHECKED', gas.GAS_NODE],
  ['STORE', gas.GAS_NODE],
  ['UNSET', gas.GAS_NODE],
  ['POP', 0],
  ['COPY_TWO', 0],
  ['CHECK', 0],
  ['ADD', gas.GAS_NODE],
  ['SUBTRACT', gas.GAS_NODE],
  ['MULTIPLY', gas.GAS_MULTIPLY],
  ['DIVIDE', gas.GAS_DIVIDE],
  ['REMAINDER', gas.GAS_DIVIDE],
  ['POWER', gas.GAS_POWER],
  ['FLOOR', gas.GAS_DIVIDE],
  ['TRUNCATE', gas.GAS_DIVIDE],
  ['AND', gas.GAS_NODE],
  ['OR', gas.GAS_NODE],
  ['XOR', gas.GAS_NODE],
  ['EQUAL', gas.GAS_NODE],
  ['UNEQUAL', gas.GAS_NODE],
  ['LESS', gas.GAS_NODE],
  ['LESS_OR_EQUAL', gas.GAS_NODE],
  ['GREATER', gas.GAS_NODE],
  ['GREATER_OR_EQUAL', gas.GAS_NODE],
  ['NEGATE', gas.GAS_NODE],
  ['NOT', gas.GAS_NODE],
  ['INCREMENT', gas.GAS_NODE],
  ['DECREMENT', gas.GAS_NODE],
  ['JUMP', 0],
  ['JUMP_IF_FALSE', gas.GAS_NODE],
  ['SKIP_IF_FALSE', gas.GAS_NODE],
  ['SKIP_IF_TRUE', gas.GAS_NODE],
  ['IS_BOOLEAN', 0],
  ['ROUND', gas.GAS_ROUND],
  ['NEXT', 0],
  ['NEXT_OF_LIST', 2 * gas.GAS_SLOT],
  ['CALL', gas.GAS_CALL],
  ['RETURN', gas.GAS_NODE],
  ['RETURN_NOTHING', gas.GAS_NODE],
  ['ARRAY', gas.GAS_NODE],
  ['RECORD', gas.GAS_NODE],
  ['TEMPLATE', gas.GAS_NODE],
  ['INDEX', gas.GAS_ACCESS],
  ['SET_INDEX', gas.GAS_ACCESS],
  ['MEMBER', gas.GAS_ACCESS],
  ['LENGTH', gas.GAS_ACCESS],
  ['PUSH', gas.GAS_ACCESS],
  ['TAKE_LAST', gas.GAS_ACCESS],
  ['SLICE', gas.GAS_NODE],
  ['INDEX_OF', gas.GAS_NODE],
  ['INCLUDES', gas.GAS_NODE],
  ['STARTS_WITH', gas.GAS_NODE],
  ['ENDS_WITH', gas.GAS_NODE],
  ['CHAR_CODE_AT', gas.GAS_ACCESS],
  ['MINIMUM', gas.GAS_NODE],
  ['MAXIMUM', gas.GAS_NODE],
  ['TO_BIGINT', gas.GAS_CONVERT],
  ['TO_NUMBER', gas.GAS_CONVERT],
  ['TO_ADDRESS', gas.GAS_CONVERT],
  ['FIELD_GET', gas.GAS_SLOT],
  ['FIELD_SET', gas.GAS_SLOT],
  ['TABLE_GET', gas.GAS_SLOT],
  ['TABLE_SET', gas.GAS_SLOT],
  ['TABLE_HAS', gas.GAS_SLOT],
  ['TABLE_DELETE', gas.GAS_SLOT],
  ['LIST_LENGTH', gas.GAS_SLOT],
  ['LIST_GET', 2 * gas.GAS_SLOT],
  ['LIST_SET', 2 * gas.GAS_SLOT],
  ['LIST_PUSH', 2 * gas.GAS_SLOT],
  ['LIST_POP', 2 * gas.GAS_SLOT],
  ['REQUIRE', gas.GAS_NODE],
  ['THROW', gas.GAS_NODE],
  ['CALLER', gas.GAS_CHAIN],
  ['VALUE', gas.GAS_CHAIN],
  ['BALANCE', gas.GAS_CHAIN],
  ['HEIGHT', gas.GAS_CHAIN],
  ['TIME', gas.GAS_CHAIN],
  ['BLOCK_HASH', gas.GAS_BLOCK_HASH],
  ['PAY', gas.GAS_PAY],
  ['EMIT', gas.GAS_EVENT],
  ['SHA256', gas.GAS_SHA256],
  ['VERIFY', gas.GAS_VERIFY],
  ['ENTER', gas.GAS_ENTER],
] as const satisfies readonly (readonly [name: string, gas: number])[];

/** The name of an instruction. */
export type OpName = (typeof INSTRUCTIONS)[number][0];

/** Instructions by number. */
export const OP_NAMES: readonly OpName[] = INSTRUCTIONS.map(([name]) => name);

/** Numbers of instructions. */
export const OP = Object.fromEntries(OP_NAMES.map((name, op) => [name, op])) as Readonly<Record<OpName, number>>;

/** What each instruction costs before it does anything, in gas, by its number. */
export const OP_PRICES = Int32Array.from(INSTRUCTIONS, ([, price]) => price);
