import { Cursor } from './cursor.ts';
import { Declarations } from './declarations.ts';
import { tokensOf } from './lexer.ts';
import { MAX_PARAMETERS } from './limits.ts';
import { parseConstant } from './parse-constant.ts';
import { parseMembers } from './parse-members.ts';
import { parseFunction, parseParameters } from './parse-method.ts';
import { parseResult, parseScalar, parseType } from './parse-type.ts';
import { SourceError } from './source-error.ts';
import type { ContractSyntax, Method } from './syntax.ts';
import type { Property, Signature } from './types.ts';
import { IMPORTABLE, isTypeNameable } from './words.ts';

/** The one module that a contract can import from. */
const MODULE = 'forklore/contract';

/** The tree of a source. Its height is bounded, so that whoever goes through it may call itself. Throws {@link SourceError}. */
export function parseContract(source: string): ContractSyntax {
  const cursor = new Cursor(tokensOf(source));
  const declared = new Declarations();
  const functions: Method[] = [];
  while (cursor.accept('import')) parseImport(cursor);
  for (;;) {
    const { at } = cursor;
    const isExported = cursor.accept('export');
    if (cursor.accept('interface')) parseInterface(cursor, declared);
    else if (cursor.accept('type')) parseAlias(cursor, declared);
    else if (!isExported && cursor.accept('const')) parseFileConstant(cursor, declared);
    else if (!isExported && cursor.accept('function')) functions.push(parseFunction(cursor, declared));
    else if (isExported && cursor.accept('class')) break;
    else if (cursor.is('class')) throw new SourceError('class-not-exported', at);
    else throw cursor.unexpected(isExported ? 'class' : 'export class');
  }
  const name = takeTypeName(cursor, declared);
  const { fields, methods } = parseMembers(cursor, declared);
  if (cursor.token.kind !== 'end') throw new SourceError('after-the-class', cursor.at, [cursor.token.text]);
  const { names, constants, shapes, properties } = declared;
  return { name, names, constants, shapes, properties, fields, methods: [...functions, ...methods] };
}

/** `import { names } from 'forklore/contract';`, for editors and native runs: the machine knows the names anyway. */
function parseImport(cursor: Cursor): void {
  cursor.accept('type');
  cursor.expect('{');
  let unknown: SourceError | undefined;
  cursor.list('}', () => {
    const { at } = cursor;
    cursor.accept('type');
    const name = cursor.takeWord();
    if (!IMPORTABLE.has(name)) unknown ??= new SourceError('no-import', at, [name]);
  });
  cursor.expect('from');
  const { token } = cursor;
  // Names of another file are there: what is missing is that file.
  if (token.kind !== 'literal' || token.value !== MODULE) throw new SourceError('other-module', token.at);
  if (unknown !== undefined) throw unknown;
  cursor.advance();
  cursor.expect(';');
}

/** The name of a class, an interface or an alias. */
function takeTypeName(cursor: Cursor, declared: Declarations): string {
  const { at } = cursor;
  const name = cursor.takeName();
  if (!isTypeNameable(name)) throw new SourceError('reserved-name', at, [name]);
  return declared.declare(at, name);
}

/** `type Name = other;` */
function parseAlias(cursor: Cursor, declared: Declarations): void {
  cursor.requireSameLine();
  const name = takeTypeName(cursor, declared);
  cursor.expect('=');
  declared.addType(name, parseType(cursor, declared));
  cursor.expect(';');
}

/** A record has properties only, another contract methods only. */
function parseInterface(cursor: Cursor, declared: Declarations): void {
  const { at } = cursor;
  cursor.requireSameLine();
  const name = takeTypeName(cursor, declared);
  const properties: Property[] = [];
  const signatures = new Map<string, Signature>();
  cursor.expect('{');
  while (!cursor.accept('}')) {
    cursor.accept('readonly');
    const memberAt = cursor.at;
    const member = cursor.takeName();
    if (signatures.has(member) || properties.some((property) => property.name === member)) {
      throw new SourceError('declared-twice', memberAt, [member]);
    }
    if (cursor.is('(')) {
      const parameters = parseParameters(cursor, declared);
      signatures.set(member, { name: member, parameters, result: parseResult(cursor, declared) });
    } else {
      if (member === 'length') throw new SourceError('reserved-name', memberAt, [member]);
      if (properties.length === MAX_PARAMETERS) {
        throw new SourceError('too-many-properties', memberAt, [`${MAX_PARAMETERS}`]);
      }
      cursor.expect(':');
      properties.push({ name: member, type: parseScalar(cursor, declared) });
    }
    if (!cursor.accept(',')) cursor.expect(';');
  }
  if ((properties.length === 0) === (signatures.size === 0)) throw new SourceError('mixed-interface', at, [name]);
  if (signatures.size > 0) declared.addInterface(name, signatures);
  else declared.addType(name, { kind: 'record', name, properties });
}

/** `const NAME = literal;` at the top of the file. */
function parseFileConstant(cursor: Cursor, declared: Declarations): void {
  const { at } = cursor;
  const name = declared.declare(at, cursor.takeName());
  const type = cursor.accept(':') ? parseScalar(cursor, declared) : undefined;
  cursor.expect('=');
  declared.addConstant(name, parseConstant(cursor, declared, type));
  cursor.expect(';');
}
