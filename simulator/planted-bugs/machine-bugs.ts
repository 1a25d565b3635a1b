import type { PlantedBug } from './planted-bug.ts';

const ARITHMETIC = 'consensus/contract/operations/arithmetic.ts';
const ENTER = 'consensus/contract/enter.ts';
const HOST = 'consensus/contract/operations/host.ts';
const MACHINE = 'consensus/contract/machine.ts';
const PRICES = 'consensus/contract/prices.ts';
const SLOTS = 'consensus/contract/operations/slots.ts';
const STORAGE = 'consensus/contract/storage.ts';

/** Bugs that the language and the machine of contracts could have. Vectors, stories and random programs have to find them. */
export const MACHINE_BUGS: readonly PlantedBug[] = [
  // Prices.
  { name: 'a bigint costs one gas less', file: PRICES, find: 'GAS_BIGINT = 4;', replace: 'GAS_BIGINT = 3;' },
  { name: 'a kept byte costs one gas more', file: PRICES, find: 'GAS_KEPT_BYTE = 20;', replace: 'GAS_KEPT_BYTE = 21;' },
  { name: 'a source costs nothing', file: ENTER, find: '* gas.GAS_LOAD_BYTE', replace: '* 0' },
  {
    name: 'texts are charged by units, not by bytes',
    file: ARITHMETIC,
    find: 'chargeText(machine, utf8Bytes(a) + utf8Bytes(b));\n  return a + b;',
    replace: 'chargeText(machine, a.length + b.length);\n  return a + b;',
  },
  // Bounds.
  {
    name: 'a number has no bound',
    file: ARITHMETIC,
    find: 'if (Number.isSafeInteger(value)) return value + 0;',
    replace: 'if (Number.isInteger(value)) return value + 0;',
  },
  {
    name: 'a bigint has one bit more',
    file: 'consensus/contract/limits.ts',
    find: '(1n << 255n) - 1n',
    replace: '(1n << 256n) - 1n',
  },
  {
    name: 'a division by 0 is another failure',
    file: ARITHMETIC,
    find: 'divisor === 0 || divisor === 0n',
    replace: 'divisor === 0n',
  },
  { name: 'there is one event too many', file: HOST, find: 'length === MAX_EVENTS', replace: 'length > MAX_EVENTS' },
  // What is kept.
  { name: 'an assignment to a slot is lost', file: STORAGE, find: 'slot.isWritten = true;', replace: '' },
  {
    name: 'an array that changes in place is not written',
    file: STORAGE,
    find: 'if (!isWritten && !Array.isArray(value)) continue;',
    replace: 'if (!isWritten) continue;',
  },
  { name: 'push does not lengthen a list', file: SLOTS, find: 'LIST_INDEX, length + 1', replace: 'LIST_INDEX, length' },
  { name: 'pop does not shorten a list', file: SLOTS, find: 'LIST_INDEX, length - 1', replace: 'LIST_INDEX, length' },
  {
    name: 'pop leaves the element',
    file: SLOTS,
    find: 'storage.write(last, field.type, undefined);',
    replace: '',
  },
  {
    name: 'a table has every entry',
    file: SLOTS,
    find: 'machine.push(machine.here.storage.read(path, field.type) !== undefined);',
    replace: 'machine.push(true);',
  },
  {
    name: 'transactions share the initial array of a field',
    file: SLOTS,
    find: 'const own = initial.slice();',
    replace: 'const own = initial as never[];',
  },
  {
    name: 'the account is not in the key of a slot',
    file: 'consensus/contract/slot-path.ts',
    find: 'concatBytes(hexToBytes(contract), hexToBytes(path))',
    replace: 'hexToBytes(path)',
  },
  {
    name: 'a record is stored in the order of its literal',
    file: 'consensus/contract/encoding.ts',
    find: 'value.names.indexOf(name)',
    replace: 'type.properties.findIndex((each) => each.name === name)',
  },
  // Aliases.
  {
    name: 'two fields can be the same array',
    file: 'consensus/contract/compile-statement.ts',
    find: "value.kind !== 'array' && !(value.kind === 'value-call' && value.name === 'slice')",
    replace: 'value.at < 0',
  },
  {
    name: 'an event changes with its array',
    file: HOST,
    find: 'return Array.isArray(value) ? value.slice() : value;',
    replace: 'return value;',
  },
  // Calls and coins.
  {
    name: 'a private method is called from outside',
    file: ENTER,
    find: 'method === undefined || method.isPrivate',
    replace: 'method === undefined',
  },
  {
    name: 'a method that knows no coins takes them',
    file: ENTER,
    find: 'value !== 0n && !method.acceptsCoins',
    replace: 'value < 0n',
  },
  {
    name: 'coins are taken only where chain.value stands, not where it is called',
    file: 'consensus/contract/compile.ts',
    find: 'open.push(...(callers[index] ?? []));',
    replace: '',
  },
  {
    name: 'a contract that waits is entered again',
    file: ENTER,
    find: 'machine.entered.some((entered) => entered.contract === contract)',
    replace: 'machine.entered.length < 0',
  },
  { name: 'an amount is negative', file: MACHINE, find: 'if (amount < 0n)', replace: 'if (amount < -1000n)' },
  {
    name: 'who pays keeps the coins',
    file: MACHINE,
    find: 'this.#balances.set(from, balance - amount);',
    replace: '',
  },
];
