/**
 * Why a call can fail, in words: `$` stands for a detail. That it fails is consensus; why is not. Every other exception of the
 * machine is a fault of the node itself.
 */
export const TRAPS = {
  required: '$',
  thrown: '$',
  'out-of-gas': 'the call needs more gas than it has',
  'wrong-types': '$ is not for $ and $',
  'wrong-type': '$ is wanted here, not $',
  'not-whole': 'the result of $ is not whole: use Math.floor(a / b) or Math.trunc(a / b)',
  'number-too-large': 'the result is a number beyond 2^53 - 1: use bigint',
  'bigint-too-large': 'the result is a bigint beyond 2^255 - 1',
  'division-by-zero': 'there is nothing to divide by: the divisor is 0',
  'negative-exponent': 'the exponent of ** is negative',
  'text-too-long': 'the text would be longer than $ units',
  'array-too-long': 'the array would have more than $ elements',
  'cut-character': 'the text is cut within a character that has two units',
  'no-element': 'there is no element $: the length is $',
  'no-value-yet': 'this has no value yet: assign one first',
  'no-property': 'the record has no property $',
  'bad-address': 'address() takes 40 hex digits in lower case',
  'value-too-long': 'what is stored or used as a key has at most $ bytes when encoded',
  'arguments-too-long': 'arguments have at most $ bytes when encoded',
  'receipt-too-long': 'result and events of a transaction have at most $ bytes when encoded',
  'too-many-events': 'a transaction has at most $ events',
  'too-many-frames': 'calls within calls: at most $',
  'too-many-contracts': 'contracts that call contracts: at most $',
  'bad-arguments': 'the arguments are not what $ takes: $',
  'no-method': 'the contract has no method $ that can be called from outside',
  'no-contract': 'there is no contract at this address',
  'takes-no-coins': '$ takes no coins: it does not use chain.value',
  'not-enough-coins': 'the contract has $ base units, and cannot pay $',
  'negative-amount': 'an amount is never negative',
  'already-entered': 'the contract is waiting for this call: it cannot be entered again',
  'other-result': 'the interface and the contract do not agree on whether $ gives a result',
  'no-block-hash': 'chain.hash knows the $ blocks below this one, not height $',
} as const;

/** Kebab-case name of a reason to fail. */
export type TrapCode = keyof typeof TRAPS;
