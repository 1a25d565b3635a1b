import { tokensOf } from '../consensus/contract/lexer.ts';
import type { Program } from '../consensus/contract/program.ts';
import { type PackedPosition, unpackPosition } from '../consensus/contract/source-position.ts';
import type { ContractSyntax, Field } from '../consensus/contract/syntax.ts';
import type { Token } from '../consensus/contract/token.ts';
import type { Finding } from './contract-findings.ts';

/** What surprises beginners, where it is sure. */
export function warningsOf(source: string, syntax: ContractSyntax, program: Program): Finding[] {
  const tokens = tokensOf(source);
  return [...privateFields(tokens, syntax), ...unreadTables(tokens, syntax), ...lostCoins(tokens, syntax, program)];
}

function warning(at: PackedPosition, message: string, hint: string): Finding {
  return { severity: 'warning', ...unpackPosition(at), message, hint };
}

/** `private` of a field reaches nobody: the whole state is public. */
function privateFields(tokens: readonly Token[], { fields }: ContractSyntax): Finding[] {
  const places = new Map(fields.map((field) => [field.at, field]));
  return tokens.flatMap((token, i) => {
    const field = places.get(token.at);
    const before = tokens[i - 1];
    const modifier = before !== undefined && isWord(before, 'readonly') ? tokens[i - 2] : before;
    if (field === undefined || modifier === undefined || !isWord(modifier, 'private')) return [];
    const hint = 'whoever has the chain can read it; keep a secret off the chain, or store its sha256';
    return [warning(field.at, `private hides nothing: everybody can read the field ${field.name}`, hint)];
  });
}

/** A table that is filled, and that no method reads. */
function unreadTables(tokens: readonly Token[], { fields }: ContractSyntax): Finding[] {
  return fields.flatMap((field) => {
    if (field.kind !== 'table') return [];
    const uses = methodsUsed(tokens, field);
    if (!uses.has('set') || uses.has('get') || uses.has('has')) return [];
    const hint =
      'a table cannot be gone through: add a method that gives the entry of a key, or keep a List of the keys';
    return [warning(field.at, `no method reads the table ${field.name}`, hint)];
  });
}

/** The methods of a field that the source calls: `this.name.method`. */
function methodsUsed(tokens: readonly Token[], { name }: Field): ReadonlySet<string> {
  const used = new Set<string>();
  for (const [i, token] of tokens.entries()) {
    if (!isWord(token, 'this')) continue;
    const [dot, field, next, method] = tokens.slice(i + 1, i + 5);
    if (dot?.text === '.' && field?.text === name && next?.text === '.' && method !== undefined) used.add(method.text);
  }
  return used;
}

/** Coins that come in, and that no method pays out; and payments of a contract into which none can come. */
function lostCoins(tokens: readonly Token[], { methods }: ContractSyntax, program: Program): Finding[] {
  const places = new Map(methods.map((method) => [method.name, method.at]));
  const taker = program.methods.find(
    ({ acceptsCoins, isPrivate, name }) => acceptsCoins && (!isPrivate || name === 'constructor'),
  );
  const isPaying = tokens.some((token, i) => isWord(token, 'chain') && tokens[i + 2]?.text === 'pay');
  const callsOthers = program.operands.contractCalls.some(({ hasValue }) => hasValue);
  if (taker === undefined || isPaying || callsOthers) return [];
  const hint = 'no method has chain.pay, and a deployed contract never changes: add one that pays them out';
  return [
    warning(places.get(taker.name) ?? 0, `coins that come with ${taker.name} stay in the contract for ever`, hint),
  ];
}

function isWord(token: Token, text: string): boolean {
  return token.kind === 'word' && token.text === text;
}
