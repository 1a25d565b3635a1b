import { compileContract } from '../consensus/contract/compile.ts';
import { parseContract } from '../consensus/contract/parse-file.ts';
import type { Program } from '../consensus/contract/program.ts';
import { SourceError } from '../consensus/contract/source-error.ts';
import { unpackPosition } from '../consensus/contract/source-position.ts';
import { decodeSource } from '../consensus/contract/source-text.ts';
import type { ContractSyntax, Method } from '../consensus/contract/syntax.ts';
import { utf8ToBytes } from '../consensus/hex.ts';
import { CheckContext, meet } from './check-context.ts';
import { checkBlock } from './check-statement.ts';
import type { Finding } from './contract-findings.ts';
import { warningsOf } from './contract-warnings.ts';
import { sourceErrorWords } from './source-error-words.ts';
import { staticType } from './static-types.ts';

/** What is known of a source before it is deployed. */
export interface ContractCheck {
  /** In the order of the source. Without errors no call fails because of a type. */
  readonly findings: readonly Finding[];
  /** Null where the machine does not compile it, and no node would take it. */
  readonly program: Program | null;
}

/**
 * Checks a source as `tsc --strict` would, and more strictly where the machine is: what it calls an error fails when its line
 * runs, or before. It is no rule of the network: that compiles more, since types are checked there when a line runs.
 */
export function checkContract(source: string): ContractCheck {
  const half = halfCharacter(source);
  if (half !== undefined) return { findings: [half], program: null };
  const bytes = utf8ToBytes(source);
  const findings: Finding[] = [];
  const syntax = attempted(() => parseContract(decodeSource(bytes)));
  if (!(syntax instanceof SourceError)) {
    for (const method of syntax.methods) checkMethod(syntax, method, findings);
  }
  const program = attempted(() => compileContract(bytes));
  if (program instanceof SourceError) addSourceError(findings, program);
  else findings.push(...warningsOf(source, syntax as ContractSyntax, program));
  findings.sort((a, b) => a.line - b.line || a.column - b.column);
  return { findings, program: program instanceof SourceError ? null : program };
}

/** A text of JavaScript can hold what no file can. */
function halfCharacter(source: string): Finding | undefined {
  const index = source.search(/\p{Surrogate}/u);
  if (index < 0) return undefined;
  const before = source.slice(0, index).split('\n');
  const message = 'this is half of a character that has two UTF-16 units';
  return { severity: 'error', line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message, hint: null };
}

function attempted<Result>(run: () => Result): Result | SourceError {
  try {
    return run();
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
}

/** The compiler stops at its first error. Where the line has one already, what the compiler says is the hint. */
function addSourceError(findings: Finding[], error: SourceError): void {
  const { line, column } = error;
  const index = findings.findIndex((finding) => finding.line === line);
  const known = findings[index];
  if (known === undefined) findings.push({ severity: 'error', line, column, ...sourceErrorWords(error) });
  else findings[index] = { ...known, hint: error.detail };
}

function checkMethod(syntax: ContractSyntax, method: Method, findings: Finding[]): void {
  const context = new CheckContext(syntax, method, findings);
  context.inBlock(() => {
    for (const { name, type } of method.parameters) {
      context.declare(name, { type: staticType(type), constant: false }, true);
    }
    checkBlock(context, method.body);
  });
  if (method.name === 'constructor') checkFieldsAssigned(context, findings);
}

/** Fields without a value need one wherever the constructor ends. */
function checkFieldsAssigned({ syntax, assigned, returns }: CheckContext, findings: Finding[]): void {
  const atEnd = meet(assigned, ...returns);
  if (atEnd === undefined) return;
  for (const field of syntax.fields) {
    if (field.kind !== 'value' || field.initial !== undefined || atEnd.has(`this.${field.name}`)) continue;
    const { line, column } = unpackPosition(field.at);
    const message = `Property '${field.name}' has no initializer and is not definitely assigned in the constructor.`;
    findings.push({ severity: 'error', line, column, message, hint: 'reading it fails until it was assigned' });
  }
}
