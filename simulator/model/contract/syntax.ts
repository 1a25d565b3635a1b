import type { Place } from './refusal.ts';
import type { RecordType, ScalarType, ValueType } from './types.ts';
import type { RecordOf, Scalar } from './value.ts';

/** What each expression has: where it begins, and its height (section 3 of `docs/contracts.md`). */
interface Node extends Place {
  readonly height: number;
}

export type Expression = Node &
  (
    | { readonly kind: 'literal'; readonly value: Scalar }
    | { readonly kind: 'name'; readonly name: string }
    /** One piece more than values: they alternate, and a piece is first and last. */
    | { readonly kind: 'template'; readonly pieces: readonly string[]; readonly values: readonly Expression[] }
    | { readonly kind: 'array'; readonly elements: readonly Expression[] }
    | { readonly kind: 'record'; readonly properties: readonly (readonly [string, Expression])[] }
    | { readonly kind: 'prefix'; readonly sign: '!' | '-'; readonly operand: Expression }
    | { readonly kind: 'binary'; readonly sign: string; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'choice'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
    | { readonly kind: 'index'; readonly object: Expression; readonly index: Expression }
    | { readonly kind: 'property'; readonly object: Expression; readonly name: string }
    | ({ readonly kind: 'method'; readonly object: Expression } & Called)
    | { readonly kind: 'field'; readonly name: string }
    /** A method of the contract itself. */
    | ({ readonly kind: 'own' } & Called)
    | { readonly kind: 'chain'; readonly name: string }
    | ({ readonly kind: 'chain-call' } & Called)
    | ({ readonly kind: 'math' } & Called)
    /** `Math.floor` or `Math.trunc` of a division. */
    | { readonly kind: 'quotient'; readonly name: string; readonly left: Expression; readonly right: Expression }
    /** A function of the file. */
    | ({ readonly kind: 'function' } & Called)
    /** A function of the host. */
    | ({ readonly kind: 'host' } & Called)
    | ({ readonly kind: 'at'; readonly contract: string; readonly where: readonly Expression[] } & Called)
  );

interface Called {
  readonly name: string;
  readonly args: readonly Expression[];
}

/** An expression of one kind. */
export type Of<Kind extends Expression['kind']> = Expression & { readonly kind: Kind };

export interface Variable extends Place {
  readonly name: string;
  readonly type: ValueType | undefined;
  readonly value: Expression | undefined;
}

export type Statement = Place &
  (
    | Block
    | { readonly kind: 'if'; readonly branches: readonly Branch[]; readonly otherwise: Statement | undefined }
    | { readonly kind: 'while'; readonly test: Expression; readonly body: Statement }
    | {
        readonly kind: 'for';
        readonly start: Statement | undefined;
        readonly test: Expression | undefined;
        readonly step: Statement | undefined;
        readonly body: Statement;
      }
    | {
        readonly kind: 'for-of';
        readonly name: string;
        readonly isConstant: boolean;
        readonly of: Expression;
        readonly body: Statement;
      }
    | { readonly kind: 'variables'; readonly isConstant: boolean; readonly variables: readonly Variable[] }
    | { readonly kind: 'expression'; readonly expression: Expression }
    /** `operator` is that of a compound assignment; undefined for `=`. */
    | {
        readonly kind: 'assignment';
        readonly target: Expression;
        readonly operator: string | undefined;
        readonly value: Expression;
      }
    | { readonly kind: 'step'; readonly target: Expression; readonly operator: '+' | '-' }
    | { readonly kind: 'break' | 'continue' }
    | { readonly kind: 'return'; readonly value: Expression | undefined }
    | { readonly kind: 'throw'; readonly message: Expression }
  );

export interface Block {
  readonly kind: 'block';
  readonly statements: readonly Statement[];
}

interface Branch {
  readonly test: Expression;
  readonly body: Statement;
}

export interface Parameter extends Place {
  readonly name: string;
  readonly type: ValueType;
}

/** A method or a function. */
export interface Method extends Place {
  readonly name: string;
  readonly isPrivate: boolean;
  readonly parameters: readonly Parameter[];
  /** Undefined if it gives no value. */
  readonly result: ValueType | undefined;
  readonly body: Block;
}

export type Field = Place & { readonly name: string } & (
    | {
        readonly kind: 'value';
        readonly type: ValueType;
        readonly initial: Scalar | readonly Scalar[] | RecordOf | undefined;
      }
    | {
        readonly kind: 'table';
        readonly keys: ScalarType;
        readonly type: ValueType;
        readonly absent: Scalar | RecordOf;
      }
    | { readonly kind: 'list'; readonly type: ValueType }
  );

/** A method in an interface of another contract. */
export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
}

export interface Constant extends Place {
  readonly value: Scalar;
}

/** A source that was read. Names of all declarations are apart from each other. */
export interface SourceFile {
  readonly sourceBytes: number;
  /** All names that are declared outside of the class, and its own. */
  readonly declared: ReadonlySet<string>;
  readonly constants: ReadonlyMap<string, Constant>;
  /** Interfaces of other contracts: signatures by name. */
  readonly contracts: ReadonlyMap<string, ReadonlyMap<string, Signature>>;
  readonly records: readonly RecordType[];
  readonly functions: ReadonlyMap<string, Method>;
  readonly fields: ReadonlyMap<string, Field>;
  /** Also the constructor, which every class has. */
  readonly methods: ReadonlyMap<string, Method>;
}
