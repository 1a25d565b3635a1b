import { checkLevel, type OpenFile } from './open-file.ts';
import { readExpression } from './read-expression.ts';
import { readType } from './read-type.ts';
import { Refusal } from './refusal.ts';
import type { Block, Expression, Statement, Variable } from './syntax.ts';

/** Reads a block that stands so many levels below the class or the functions of the file. */
export function readBlock(file: OpenFile, level: number): Block {
  return new StatementReader(file).block(level);
}

/** In its methods `level` is that of the block or body in which something stands. */
class StatementReader {
  readonly #file: OpenFile;

  constructor(file: OpenFile) {
    this.#file = file;
  }

  block(level: number): Block {
    const { tokens } = this.#file;
    checkLevel(level, tokens.next);
    tokens.expect('{');
    const statements: Statement[] = [];
    while (!tokens.takeIf('}')) statements.push(this.#statement(level));
    return { kind: 'block', statements };
  }

  /** What belongs to an `if` or a loop, one level below it. */
  #body(level: number): Statement {
    const { tokens } = this.#file;
    const { line, column } = tokens.next;
    if (tokens.isSign('{')) return { ...this.block(level + 1), line, column };
    if (tokens.isWord('let', 'const')) throw new Refusal('lonely-declaration', tokens.next);
    checkLevel(level + 1, tokens.next);
    return this.#statement(level + 1);
  }

  #statement(level: number): Statement {
    const { tokens } = this.#file;
    const { line, column } = tokens.next;
    if (tokens.isSign('{')) return { ...this.block(level + 1), line, column };
    if (tokens.takeIf('if')) return { ...this.#if(level), line, column };
    if (tokens.takeIf('while')) {
      const test = this.#parenthesized(level);
      return { kind: 'while', test, body: this.#body(level), line, column };
    }
    if (tokens.takeIf('for')) return { ...this.#for(level), line, column };
    const statement = this.#plain(level);
    tokens.expect(';');
    return statement;
  }

  #expression(level: number): Expression {
    return readExpression(this.#file.tokens, level + 1);
  }

  #parenthesized(level: number): Expression {
    this.#file.tokens.expect('(');
    const expression = this.#expression(level);
    this.#file.tokens.expect(')');
    return expression;
  }

  #if(level: number): Bare {
    const { tokens } = this.#file;
    const branches = [{ test: this.#parenthesized(level), body: this.#body(level) }];
    while (tokens.takeIf('else')) {
      if (!tokens.takeIf('if')) return { kind: 'if', branches, otherwise: this.#body(level) };
      branches.push({ test: this.#parenthesized(level), body: this.#body(level) });
    }
    return { kind: 'if', branches, otherwise: undefined };
  }

  #for(level: number): Bare {
    const { tokens } = this.#file;
    tokens.expect('(');
    const isOf = tokens.isWord('let', 'const') && tokens.ahead(1).kind === 'word' && isOfWord(tokens.ahead(2));
    if (isOf) {
      const isConstant = tokens.take().text === 'const';
      const name = tokens.expectName().text;
      tokens.expect('of');
      const of = this.#expression(level);
      tokens.expect(')');
      return { kind: 'for-of', name, isConstant, of, body: this.#body(level) };
    }
    const start = tokens.isSign(';') ? undefined : this.#variablesOrSimple(level);
    tokens.expect(';');
    const test = tokens.isSign(';') ? undefined : this.#expression(level);
    tokens.expect(';');
    const step = tokens.isSign(')') ? undefined : this.#simple(level);
    tokens.expect(')');
    return { kind: 'for', start, test, step, body: this.#body(level) };
  }

  /** A statement with a semicolon behind it. */
  #plain(level: number): Statement {
    const { tokens } = this.#file;
    const { line, column } = tokens.next;
    if (tokens.takeIf('break')) return { kind: 'break', line, column };
    if (tokens.takeIf('continue')) return { kind: 'continue', line, column };
    if (tokens.takeIf('return')) {
      if (tokens.isSign(';')) return { kind: 'return', value: undefined, line, column };
      tokens.expectSameLine();
      return { kind: 'return', value: this.#expression(level), line, column };
    }
    if (tokens.takeIf('throw')) {
      tokens.expectSameLine();
      tokens.expect('new');
      tokens.expect('Error');
      return { kind: 'throw', message: this.#parenthesized(level), line, column };
    }
    return this.#variablesOrSimple(level);
  }

  #variablesOrSimple(level: number): Statement {
    const { tokens } = this.#file;
    const { line, column } = tokens.next;
    if (!tokens.isWord('let', 'const')) return this.#simple(level);
    const isConstant = tokens.take().text === 'const';
    const variables = [this.#variable(level, isConstant)];
    while (tokens.takeIf(',')) variables.push(this.#variable(level, isConstant));
    return { kind: 'variables', isConstant, variables, line, column };
  }

  #variable(level: number, isConstant: boolean): Variable {
    const { tokens } = this.#file;
    const { text: name, line, column } = tokens.expectName();
    const type = tokens.takeIf(':') ? readType(this.#file) : undefined;
    const value = tokens.takeIf('=') ? this.#expression(level) : undefined;
    if (isConstant && value === undefined) throw new Refusal('constant-without-value', tokens.next);
    return { name, type, value, line, column };
  }

  #simple(level: number): Statement {
    const { tokens } = this.#file;
    const { line, column } = tokens.next;
    if (tokens.isSign('++', '--')) {
      const operator = signOfStep(tokens.take().text);
      return { kind: 'step', target: this.#expression(level), operator, line, column };
    }
    const expression = this.#expression(level);
    if (tokens.isSign('++', '--')) {
      tokens.expectSameLine();
      return { kind: 'step', target: expression, operator: signOfStep(tokens.take().text), line, column };
    }
    const assignment = tokens.takeAssignment();
    if (assignment === undefined) return { kind: 'expression', expression, line, column };
    const operator = assignment === '=' ? undefined : assignment.slice(0, -1);
    return { kind: 'assignment', target: expression, operator, value: this.#expression(level), line, column };
  }
}

type Bare<S = Statement> = S extends Statement ? Omit<S, 'line' | 'column'> : never;

function isOfWord({ kind, text }: { readonly kind: string; readonly text: string }): boolean {
  return kind === 'word' && text === 'of';
}

function signOfStep(sign: string): '+' | '-' {
  return sign === '++' ? '+' : '-';
}
