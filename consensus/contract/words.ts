import type { BinaryOperator } from './syntax.ts';

/*
 * Which words of a source mean something, and which of JavaScript's and TypeScript's are left out. A Map and Sets, never
 * objects: a contract may well have a method that is called like something every object inherits.
 */

/** Words that are no names, because the language uses them. */
const KEYWORDS = [
  ...['break', 'class', 'const', 'continue', 'else', 'export', 'false', 'for', 'function', 'if', 'import', 'interface'],
  ...['let', 'new', 'of', 'private', 'public', 'readonly', 'return', 'this', 'throw', 'true', 'type', 'void', 'while'],
];

/** What the host offers without declaration; none can be declared again. */
const HOST_NAMES = [
  ...['Address', 'BigInt', 'Error', 'List', 'Math', 'Number', 'Table'],
  ...['address', 'at', 'chain', 'require', 'sha256', 'verify'],
];

/** Names that a file may import from `forklore/contract`, so that editors and native runs know them. */
export const IMPORTABLE: ReadonlySet<string> = new Set([
  ...['Address', 'List', 'Table', 'address', 'at', 'chain', 'require', 'sha256', 'verify'],
]);

/** What every JavaScript object has, and what makes a promise or JSON of one: a contract is used as an object. */
const OBJECT_NAMES = [
  ...['constructor', 'hasOwnProperty', 'isPrototypeOf', 'propertyIsEnumerable', 'prototype', 'then', 'toJSON'],
  ...['toLocaleString', 'toString', 'valueOf'],
];

/** Words that have a meaning in JavaScript or TypeScript and none here, with what to write instead. */
export const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ['arguments', 'name the parameters'],
  ['as', 'values do not change their types'],
  ['async', 'everything in a contract happens at once'],
  ['await', 'everything in a contract happens at once'],
  ['case', 'use if and else'],
  ['catch', 'an error ends the whole call and takes it back'],
  ['debugger', 'use chain.emit, and look at the events of the receipt'],
  ['default', 'write export class'],
  ['delete', 'a table has delete(key)'],
  ['do', 'use while'],
  ['enum', 'use constants at the top of the file'],
  ['eval', 'a contract runs only its own text'],
  ['extends', 'a contract is one whole class'],
  ['finally', 'an error ends the whole call and takes it back'],
  ['globalThis', 'a contract knows only itself and the chain'],
  ['implements', 'a contract is one whole class'],
  ['in', 'use of to go through an array or list, and includes or has to look for something'],
  ['instanceof', 'values have the types that are written'],
  ['null', 'use a value of its own, or has of a table'],
  ['package', 'choose another name'],
  ['protected', 'use private'],
  ['static', 'use a constant or a function at the top of the file'],
  ['super', 'a contract is one whole class'],
  ['switch', 'use if and else'],
  ['try', 'an error ends the whole call and takes it back'],
  ['typeof', 'values have the types that are written'],
  ['undefined', 'use a value of its own, or has of a table'],
  ['var', 'use let or const'],
  ['with', 'choose another name'],
  ['yield', 'choose another name'],
  ['NaN', 'numbers are whole'],
  ['Infinity', 'numbers have bounds'],
  ['Date', 'use chain.time or chain.height'],
  ['Map', 'use a field that is a Table'],
  ['Set', 'use a field that is a Table of boolean'],
  ['Array', 'write number[] for the type, [] for the value'],
  ['Object', 'declare an interface for a record'],
  ['String', 'use a template text'],
  ['Boolean', 'compare'],
  ['JSON', 'use an event or a record'],
  ['Promise', 'everything in a contract happens at once'],
  ['RegExp', 'use includes, startsWith and endsWith'],
  ['console', 'use chain.emit, and look at the events of the receipt'],
]);

/**
 * Words of other languages and libraries for something that has another name here. They are names like all others: only where
 * one is not declared, or is no beginning of anything, is it told what to write instead.
 */
export const FOREIGN: ReadonlyMap<string, string> = new Map([
  ['abstract', 'a contract is one whole class'],
  ['address', 'the type is Address, and stands behind the name: owner: Address'],
  ['assert', 'write require(condition, message)'],
  ['block', 'write chain.height, chain.time or chain.hash(height)'],
  ['bool', 'the type is boolean, and stands behind the name: isOpen: boolean'],
  ['contract', 'write export class'],
  ['emit', "write chain.emit('Name', values)"],
  ['error', 'write require(condition, message)'],
  ['event', "write chain.emit('Name', values) where it happens"],
  ['get', 'write a method: total(): number'],
  ['int', 'the type is number or bigint, and stands behind the name: count: number'],
  ['keccak256', 'write sha256(text)'],
  ['mapping', 'use a field that is a Table: balances = new Table<Address, bigint>(0n)'],
  ['modifier', 'write a private method, and call it first'],
  ['msg', 'write chain.caller or chain.value'],
  ['now', 'write chain.time'],
  ['parseInt', 'write a number'],
  ['pragma', 'a contract begins with its class'],
  ['revert', 'write throw new Error(message)'],
  ['self', 'write this'],
  ['set', 'write a method: setTotal(total: number): void'],
  ['string', 'a type stands behind the name: title: string'],
  ['struct', 'declare an interface'],
  ['tx', 'write chain.caller'],
  ['uint', 'the type is number or bigint, and stands behind the name: count: number'],
  ['uint256', 'the type is number or bigint, and stands behind the name: count: number'],
]);

/** Signs of JavaScript that have no meaning here, with what to write instead. */
export const LEFT_OUT_SIGNS: ReadonlyMap<string, string> = new Map([
  ['==', 'use ==='],
  ['!=', 'use !=='],
  ['??', 'no value is missing; use a condition'],
  ['??=', 'no value is missing; use a condition'],
  ['?.', 'no value is missing; use a dot'],
  ['...', 'name each value'],
  ['=>', 'declare a function at the top of the file; to go through an array, use for and of'],
  ['<<', 'multiply by a power of two'],
  ['<<=', 'multiply by a power of two'],
  ['>>', 'divide by a power of two'],
  ['>>=', 'divide by a power of two'],
  ['>>>', 'divide by a power of two'],
  ['>>>=', 'divide by a power of two'],
  ['~', 'use ^ with -1n'],
  ['&&=', 'write the assignment in full'],
  ['||=', 'write the assignment in full'],
  ['&=', 'write the assignment in full'],
  ['|=', 'write the assignment in full'],
  ['^=', 'write the assignment in full'],
  ['#', 'use private'],
  ['@', 'there are no decorators'],
]);

/** Signs that assign, with the operator that each applies first. */
export const ASSIGNMENTS: ReadonlyMap<string, BinaryOperator | undefined> = new Map([
  ['=', undefined],
  ['+=', '+'],
  ['-=', '-'],
  ['*=', '*'],
  ['/=', '/'],
  ['%=', '%'],
  ['**=', '**'],
]);

/** Signs of the language. */
export const SIGNS: ReadonlySet<string> = new Set([
  ...['{', '}', '(', ')', '[', ']', ';', ',', '.', ':', '?', '<', '<=', '>', '>=', '===', '!==', '!', '&&', '||'],
  ...['=', '+', '-', '*', '/', '%', '**', '+=', '-=', '*=', '/=', '%=', '**=', '++', '--', '&', '|', '^'],
]);

const UNNAMEABLE: ReadonlySet<string> = new Set([...KEYWORDS, ...HOST_NAMES, ...OBJECT_NAMES]);
/** Types that TypeScript brings along; it refuses another one of this name. */
const TYPE_WORDS: ReadonlySet<string> = new Set([
  ...['number', 'bigint', 'boolean', 'string', 'any', 'never', 'object', 'symbol', 'unknown'],
]);

/** Whether a word can be the name of something that a source declares. */
export function isNameable(word: string): boolean {
  return !UNNAMEABLE.has(word) && !LEFT_OUT.has(word);
}

/** Whether a word can be the name of a class, an interface or an alias. */
export function isTypeNameable(word: string): boolean {
  return isNameable(word) && !TYPE_WORDS.has(word);
}
