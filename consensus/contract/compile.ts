import type { ContractNames, MethodContext } from './compile-context.ts';
import { compileBlock } from './compile-statement.ts';
import { Emitter } from './emitter.ts';
import { parseContract } from './parse-file.ts';
import type { CompiledMethod, Program, ScopedName } from './program.ts';
import { Scope } from './scope.ts';
import { fieldPath } from './slot-path.ts';
import { SourceError } from './source-error.ts';
import { decodeSource } from './source-text.ts';
import type { ContractSyntax, Method } from './syntax.ts';

/** What compiling a method tells about it, before it is known what its callees need. */
interface Draft {
  readonly method: Method;
  readonly entry: number;
  readonly locals: number;
  readonly callees: ReadonlySet<number>;
  readonly mentionsValue: boolean;
}

/**
 * The program of a source of format 0, in time that grows with its length and no faster. Throws {@link SourceError} for
 * anything that is not a contract, with line and column.
 */
export function compileContract(source: Uint8Array): Program {
  const syntax = parseContract(decodeSource(source));
  const contract = namesOf(syntax);
  const emitter = new Emitter();
  const names: ScopedName[] = [];
  const drafts = syntax.methods.map((method) => compileMethod(contract, emitter, method, names));
  const takers = coinTakers(drafts);
  const methods = drafts.map((draft, index): CompiledMethod => {
    const { name, isPrivate, parameters, result } = draft.method;
    const { entry, locals } = draft;
    return { name, isPrivate, acceptsCoins: takers.has(index), parameters, result, entry, locals };
  });
  const entries = new Map<string, CompiledMethod>();
  for (const [index, method] of methods.entries()) {
    if (!syntax.methods[index]?.isFunction) entries.set(method.name, method);
  }
  const { name, fields } = syntax;
  const fieldPaths = fields.map((field) => fieldPath(field.name));
  return { name, sourceBytes: source.length, ...emitter.finish(), names, fields, fieldPaths, methods, entries };
}

function namesOf(syntax: ContractSyntax): ContractNames {
  const fields = new Map(syntax.fields.map((field, index) => [field.name, { field, index }] as const));
  const methods = new Map<string, { method: Method; index: number }>();
  const functions = new Map<string, { method: Method; index: number }>();
  for (const [index, method] of syntax.methods.entries()) {
    if (method.isFunction) functions.set(method.name, { method, index });
    else if (method.name !== 'constructor') methods.set(method.name, { method, index });
  }
  return { syntax, fields, methods, functions };
}

function compileMethod(contract: ContractNames, emitter: Emitter, method: Method, names: ScopedName[]): Draft {
  const isTaken = (name: string) => contract.syntax.names.has(name);
  const scope = new Scope(isTaken, (closed) => names.push({ ...closed, to: emitter.here }));
  const context: MethodContext = {
    contract,
    method,
    emitter,
    scope,
    loops: [],
    callees: new Set(),
    mentionsValue: false,
  };
  const entry = emitter.here;
  scope.inBlock(() => {
    for (const { name, type } of method.parameters) {
      scope.declare(name, method.at, { constant: false, type, startsEmpty: false, from: entry });
    }
    const completes = compileBlock(context, method.body);
    if (completes && method.result !== undefined) throw new SourceError('missing-return', method.at, [method.name]);
    if (completes) emitter.emit('RETURN_NOTHING', 0, method.at);
  });
  return { method, entry, locals: scope.most, callees: context.callees, mentionsValue: context.mentionsValue };
}

/** Which methods mention `chain.value`, themselves or in what they call: from each that does, back to its callers. */
function coinTakers(drafts: readonly Draft[]): ReadonlySet<number> {
  const callers = drafts.map((): number[] => []);
  for (const [caller, { callees }] of drafts.entries()) {
    for (const callee of callees) callers[callee]?.push(caller);
  }
  const takers = new Set<number>();
  const open = [...drafts.keys()].filter((index) => drafts[index]?.mentionsValue);
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (takers.has(index)) continue;
    takers.add(index);
    open.push(...(callers[index] ?? []));
  }
  return takers;
}
