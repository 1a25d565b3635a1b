import { checkSourceFile } from './check-source.ts';
import { MAX_PARAMETERS } from './limits.ts';
import type { OpenFile } from './open-file.ts';
import { readConstant } from './read-constant.ts';
import { readMembers } from './read-members.ts';
import { readBlock } from './read-statement.ts';
import { readTokens } from './read-tokens.ts';
import { readParameters, readResult, readScalarType, readType } from './read-type.ts';
import { Refusal } from './refusal.ts';
import type { Method, Signature, SourceFile } from './syntax.ts';
import type { Token } from './token.ts';
import { TokenStream } from './token-stream.ts';
import type { RecordType, ScalarType } from './types.ts';
import { scalarTypeOf } from './value.ts';
import { IMPORTABLE } from './words.ts';

const MODULE = 'forklore/contract';

/** Sections 1 to 4 of `docs/contracts.md`: a source that compiles. Throws `Refusal` for one that does not. */
export function readSource(source: Uint8Array): SourceFile {
  const file = new FileReader(source).file();
  checkSourceFile(file);
  return file;
}

class FileReader {
  readonly #sourceBytes: number;
  readonly #file: OpenFile;
  readonly #declared = new Set<string>();
  readonly #records: RecordType[] = [];
  readonly #functions = new Map<string, Method>();

  constructor(source: Uint8Array) {
    this.#sourceBytes = source.length;
    const tokens = new TokenStream(readTokens(source));
    this.#file = { tokens, types: new Map(), contracts: new Map(), constants: new Map() };
  }

  file(): SourceFile {
    const { tokens, constants, contracts } = this.#file;
    while (tokens.isWord('import')) this.#import();
    while (!tokens.isWord('class') && !(tokens.isWord('export') && tokens.ahead(1).text === 'class')) {
      this.#declaration();
    }
    if (tokens.isWord('class')) throw new Refusal('class-not-exported', tokens.next);
    tokens.expect('export');
    tokens.expect('class');
    this.#declare(tokens.expectTypeName());
    const members = readMembers(this.#file);
    if (tokens.next.kind !== 'end') throw new Refusal('after-the-class', tokens.next);
    return {
      sourceBytes: this.#sourceBytes,
      declared: this.#declared,
      constants,
      contracts,
      records: this.#records,
      functions: this.#functions,
      ...members,
    };
  }

  #declare(name: Token): string {
    if (this.#declared.has(name.text)) throw new Refusal('declared-twice', name);
    this.#declared.add(name.text);
    return name.text;
  }

  #import(): void {
    const { tokens } = this.#file;
    tokens.expect('import');
    tokens.takeIf('type');
    tokens.expect('{');
    tokens.list('}', () => {
      if (tokens.ahead(1).kind === 'word') tokens.takeIf('type');
      const word = tokens.expectKind('word');
      if (!IMPORTABLE.has(word.text)) throw new Refusal('no-import', word);
    });
    tokens.expect('from');
    const module = tokens.expectKind('text');
    if (module.text !== MODULE) throw new Refusal('other-module', module);
    tokens.expect(';');
  }

  #declaration(): void {
    const { tokens } = this.#file;
    if (tokens.takeIf('const')) return this.#constant();
    if (tokens.takeIf('function')) return this.#function();
    tokens.takeIf('export');
    if (tokens.takeIf('interface')) return this.#interface();
    tokens.expect('type');
    tokens.expectSameLine();
    const name = this.#declare(tokens.expectTypeName());
    tokens.expect('=');
    this.#file.types.set(name, readType(this.#file));
    tokens.expect(';');
  }

  #constant(): void {
    const { tokens, constants } = this.#file;
    const name = tokens.expectName();
    this.#declare(name);
    const type = tokens.takeIf(':') ? readScalarType(this.#file) : undefined;
    if (!tokens.isSign('=')) throw new Refusal('constant-without-value', tokens.next);
    tokens.expect('=');
    const value = readConstant(this.#file);
    if (type !== undefined && type !== scalarTypeOf(value)) throw new Refusal('other-type', name);
    tokens.expect(';');
    constants.set(name.text, { value, line: name.line, column: name.column });
  }

  #function(): void {
    const { tokens } = this.#file;
    const { line, column } = tokens.next;
    const name = this.#declare(tokens.expectName());
    const parameters = readParameters(this.#file);
    const result = readResult(this.#file);
    const body = readBlock(this.#file, 1);
    this.#functions.set(name, { name, isPrivate: true, parameters, result, body, line, column });
  }

  #interface(): void {
    const { tokens, types, contracts } = this.#file;
    tokens.expectSameLine();
    const name = tokens.expectTypeName();
    const properties = new Map<string, ScalarType>();
    const signatures = new Map<string, Signature>();
    tokens.expect('{');
    while (!tokens.takeIf('}')) {
      tokens.takeIf('readonly');
      const member = tokens.expectName();
      if (properties.has(member.text) || signatures.has(member.text)) throw new Refusal('declared-twice', member);
      if (tokens.isSign('(')) {
        const parameters = readParameters(this.#file).map(({ type }) => type);
        signatures.set(member.text, { parameters, result: readResult(this.#file) });
      } else {
        if (member.text === 'length') throw new Refusal('reserved-name', member);
        tokens.expect(':');
        properties.set(member.text, readScalarType(this.#file));
      }
      if (!tokens.takeIf(',')) tokens.expect(';');
      if (properties.size > MAX_PARAMETERS) throw new Refusal('too-many-properties', member);
    }
    if (properties.size > 0 === signatures.size > 0) throw new Refusal('mixed-interface', name);
    this.#declare(name);
    if (signatures.size > 0) {
      contracts.set(name.text, signatures);
      return;
    }
    const record: RecordType = {
      kind: 'record',
      name: name.text,
      properties: [...properties].map(([name, type]) => ({ name, type })),
    };
    types.set(name.text, record);
    this.#records.push(record);
  }
}
