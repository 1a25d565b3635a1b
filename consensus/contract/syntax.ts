import type { PackedPosition } from './source-position.ts';
import type { Parameter, ResultType, Scalar, Signature, ValueType } from './types.ts';
import type { ScalarValue, Value } from './value.ts';

/** Operators with two operands that are both evaluated. */
export type BinaryOperator =
  | ('+' | '-' | '*' | '/' | '%' | '**')
  | ('&' | '|' | '^')
  | ('===' | '!==' | '<' | '<=' | '>' | '>=');

/** An expression, with its position, and the height of its tree: 1 for one without parts. */
export type Expression = { readonly at: PackedPosition; readonly height: number } & ExpressionKind;

type ExpressionKind =
  | { readonly kind: 'literal'; readonly value: ScalarValue }
  /** A local variable, a parameter or a constant of the file. */
  | { readonly kind: 'name'; readonly name: string }
  /** `this.name` */
  | { readonly kind: 'field'; readonly name: string }
  /** `chain.name`, without a call. */
  | { readonly kind: 'chain'; readonly name: string }
  | { readonly kind: 'member'; readonly object: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression }
  | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'logical'; readonly operator: '&&' | '||'; readonly left: Expression; readonly right: Expression }
  | {
      readonly kind: 'conditional';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression;
    }
  /** `Math.floor(left / right)` or `Math.trunc(left / right)` */
  | {
      readonly kind: 'quotient';
      readonly round: 'floor' | 'trunc';
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'array'; readonly items: readonly Expression[] }
  | { readonly kind: 'record'; readonly names: readonly string[]; readonly values: readonly Expression[] }
  /** One piece more than values. */
  | { readonly kind: 'template'; readonly pieces: readonly string[]; readonly values: readonly Expression[] }
  | CallKind;

type CallKind =
  /** `this.name(…)` */
  | { readonly kind: 'method-call'; readonly name: string; readonly args: readonly Expression[] }
  /** `name(…)`: a function of the file or of the host. */
  | { readonly kind: 'function-call'; readonly name: string; readonly args: readonly Expression[] }
  /** `chain.name(…)` */
  | { readonly kind: 'chain-call'; readonly name: string; readonly args: readonly Expression[] }
  /** `Math.min(…)`, `Math.max(…)` */
  | { readonly kind: 'math-call'; readonly name: string; readonly args: readonly Expression[] }
  /** `object.name(…)` */
  | {
      readonly kind: 'value-call';
      readonly object: Expression;
      readonly name: string;
      readonly args: readonly Expression[];
    }
  /** `at<I>(address, value).name(…)` */
  | {
      readonly kind: 'contract-call';
      readonly signature: Signature;
      readonly address: Expression;
      readonly value: Expression | undefined;
      readonly args: readonly Expression[];
    };

/** A variable of a `let` or `const`. */
export interface Variable {
  readonly name: string;
  readonly type: ValueType | undefined;
  readonly value: Expression | undefined;
  readonly at: PackedPosition;
}

/** A condition of an `if` with what it guards. `else if` adds a branch, and no height. */
export interface Branch {
  readonly test: Expression;
  readonly body: readonly Statement[];
}

/** A statement, with its position. */
export type Statement = { readonly at: PackedPosition } & (
  | { readonly kind: 'declare'; readonly constant: boolean; readonly variables: readonly Variable[] }
  | {
      readonly kind: 'assign';
      /** Its first character; it is at its sign otherwise. */
      readonly start: PackedPosition;
      readonly target: Expression;
      readonly operator: BinaryOperator | undefined;
      readonly value: Expression;
    }
  | { readonly kind: 'step'; readonly target: Expression; readonly by: 1 | -1 }
  | { readonly kind: 'expression'; readonly value: Expression }
  | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: readonly Statement[] | undefined }
  | { readonly kind: 'while'; readonly test: Expression; readonly body: readonly Statement[] }
  | {
      readonly kind: 'for';
      readonly first: Statement | undefined;
      readonly test: Expression | undefined;
      readonly step: Statement | undefined;
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: 'for-of';
      readonly constant: boolean;
      readonly name: string;
      readonly of: Expression;
      readonly body: readonly Statement[];
    }
  | { readonly kind: 'block'; readonly body: readonly Statement[] }
  | { readonly kind: 'break' | 'continue' }
  | { readonly kind: 'return'; readonly value: Expression | undefined }
  | { readonly kind: 'throw'; readonly message: Expression }
);

/** A field: what it holds, and what it is before anything was written. */
export type Field = {
  readonly name: string;
  readonly at: PackedPosition;
} /** `initial` undefined: reading it before it was assigned traps. */ & (
  | { readonly kind: 'value'; readonly type: ValueType; readonly initial: Value | undefined }
  | { readonly kind: 'table'; readonly key: Scalar; readonly type: ValueType; readonly absent: Value }
  | { readonly kind: 'list'; readonly type: ValueType }
);

/** A method, the constructor, or a function of the file. */
export interface Method {
  readonly name: string;
  readonly at: PackedPosition;
  /** Not to be called from outside. */
  readonly isPrivate: boolean;
  /** A function of the file: it sees neither fields nor the chain. */
  readonly isFunction: boolean;
  readonly parameters: readonly Parameter[];
  readonly result: ResultType;
  readonly body: readonly Statement[];
}

/** What a source declares, in its order. Constants of the file are already in their places. */
export interface ContractSyntax {
  readonly name: string;
  /** All names that the file declares outside of the class, and that of the class. */
  readonly names: ReadonlySet<string>;
  readonly constants: ReadonlyMap<string, ScalarValue>;
  /** Names of the properties of each record type, sorted and joined: what a record literal can be. */
  readonly shapes: ReadonlySet<string>;
  /** Names of all properties of records. */
  readonly properties: ReadonlySet<string>;
  readonly fields: readonly Field[];
  /** Methods and functions; the constructor is called `constructor`. */
  readonly methods: readonly Method[];
}
