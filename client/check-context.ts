import { type PackedPosition, unpackPosition } from '../consensus/contract/source-position.ts';
import type { ContractSyntax, Expression, Field, Method } from '../consensus/contract/syntax.ts';
import { describeType } from '../consensus/contract/types.ts';
import type { Finding } from './contract-findings.ts';
import { type StaticType, UNKNOWN } from './static-types.ts';

/** A variable or parameter that is in scope. */
export interface CheckedLocal {
  readonly type: StaticType;
  readonly constant: boolean;
}

/** What is known to have a value at a point: variables by name, and of a constructor fields as `this.name`. */
export type Assigned = ReadonlySet<string>;

/** A loop that is being checked: what has a value wherever a `break` leaves it. */
export interface CheckedLoop {
  readonly breaks: Assigned[];
}

/** One method while it is checked. */
export class CheckContext {
  readonly syntax: ContractSyntax;
  readonly method: Method;
  readonly fields: ReadonlyMap<string, Field>;
  readonly methods: ReadonlyMap<string, Method>;
  readonly functions: ReadonlyMap<string, Method>;
  readonly loops: CheckedLoop[] = [];
  /** What has a value where a `return` leaves the method. */
  readonly returns: Assigned[] = [];
  /** Undefined: nothing comes here. */
  assigned: Assigned | undefined = new Set();
  readonly #findings: Finding[];
  readonly #locals = new Map<string, CheckedLocal>();
  #block: string[] = [];

  constructor(syntax: ContractSyntax, method: Method, findings: Finding[]) {
    this.syntax = syntax;
    this.method = method;
    this.fields = new Map(syntax.fields.map((field) => [field.name, field]));
    const ofClass = syntax.methods.filter(({ name, isFunction }) => !isFunction && name !== 'constructor');
    this.methods = new Map(ofClass.map((each) => [each.name, each]));
    this.functions = new Map(syntax.methods.filter(({ isFunction }) => isFunction).map((each) => [each.name, each]));
    this.#findings = findings;
  }

  /** Tells an error. @param hint undefined: the message says it all */
  error(at: PackedPosition, message: string, hint?: string): void {
    const { line, column } = unpackPosition(at);
    this.#findings.push({ severity: 'error', line, column, message, hint: hint ?? null });
  }

  /** Tells a name that nothing has. */
  unknownName(name: string, at: PackedPosition): void {
    const isMember = this.fields.has(name) || this.methods.has(name);
    const meant = isMember ? ` Did you mean the instance member 'this.${name}'?` : '';
    this.error(at, `Cannot find name '${name}'.${meant}`);
  }

  /** Tells a property that a type does not have. */
  noProperty(name: string, type: string, at: PackedPosition, hint?: string): StaticType {
    this.error(at, `Property '${name}' does not exist on type '${type}'.`, hint);
    return UNKNOWN;
  }

  local(name: string): CheckedLocal | undefined {
    return this.#locals.get(name);
  }

  /** Takes a variable into the innermost block. */
  declare(name: string, local: CheckedLocal, hasValue: boolean): void {
    this.#locals.set(name, local);
    this.#block.push(name);
    if (hasValue) this.markAssigned(name);
  }

  /** From here on, a variable or a field has a value. */
  markAssigned(name: string): void {
    if (this.assigned !== undefined) this.assigned = new Set(this.assigned).add(name);
  }

  /** Whether a variable or a field has a value, wherever one comes from. */
  hasValue(name: string): boolean {
    return this.assigned === undefined || this.assigned.has(name);
  }

  /** Runs something in a block of its own, whose variables end with it. */
  inBlock(run: () => void): void {
    const outer = this.#block;
    this.#block = [];
    run();
    for (const name of this.#block) {
      this.#locals.delete(name);
      if (!this.assigned?.has(name)) continue;
      const left = new Set(this.assigned);
      left.delete(name);
      this.assigned = left;
    }
    this.#block = outer;
  }
}

/** What has a value wherever several ways meet; undefined where none leads on. */
export function meet(...ways: readonly (Assigned | undefined)[]): Assigned | undefined {
  const [first, ...others] = ways.filter((way) => way !== undefined);
  return first && new Set([...first].filter((name) => others.every((way) => way.has(name))));
}

/** The type of a table or list, as `tsc` shows it. */
export function containerName(field: Field & { readonly kind: 'table' | 'list' }): string {
  const type = describeType(field.type);
  return field.kind === 'table' ? `Table<${field.key}, ${type}>` : `List<${type}>`;
}

/** Where an expression begins. */
export function startOf(node: Expression): PackedPosition {
  switch (node.kind) {
    case 'binary':
    case 'logical':
      return startOf(node.left);
    case 'conditional':
      return startOf(node.test);
    case 'member':
    case 'index':
    case 'value-call':
      return startOf(node.object);
    default:
      return node.at;
  }
}
