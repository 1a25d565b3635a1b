import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { ApiContext } from './builder.ts';
import { isPromise } from './promise.ts';

/** Fields of one plan: far more than people and programs ask for, and few enough to remember many plans. */
const MAX_FIELDS = 500;
/** Arguments that GraphQL hands a resolver which asks for `info`. */
const RESOLVER_WITH_INFO = 4;
/** Field name that every type has: the name of the type. */
const TYPENAME = '__typename';
const NO_ARGUMENTS = Object.freeze({});

/** The query, or this answer to it, is out of the ordinary: the general executor has to say what comes of it. */
export class OutOfOrdinaryError extends Error {}

/** One execution of a plan. */
interface Run {
  readonly context: ApiContext;
  readonly variables: Record<string, unknown>;
  /** Arguments of fields, found once however often a list repeats the field. */
  readonly args: Map<FieldPlan, Record<string, unknown>>;
  /** What is still awaited. These never reject: what goes wrong is kept in `failure`. */
  pending: Promise<void>[];
  failure: unknown;
}

/** Turns what a resolver gave into what is sent. */
type Completion = (value: unknown, run: Run, info: GraphQLResolveInfo | null) => unknown;

interface FieldPlan {
  /** Under which it is answered: the alias, or the name. */
  readonly key: string;
  readonly resolve: GraphQLFieldResolver<unknown, ApiContext>;
  readonly argumentsOf: ((run: Run) => Record<string, unknown>) | null;
  readonly infoOf: ((run: Run) => GraphQLResolveInfo) | null;
  readonly complete: Completion;
}

/**
 * A query whose document was looked at once: which resolver gives which field, and what is made of its value. Executing
 * it takes a third of the time of the general executor, which finds all that out anew for every item of a list.
 *
 * It knows only answers without errors. At the first thing that is wrong (a resolver throws, a non-null field is null)
 * it gives up, and the general executor runs the query again from the start; a query changes nothing, so it may.
 */
export class QueryPlan {
  readonly #schema: GraphQLSchema;
  readonly #operation: OperationDefinitionNode;
  readonly #fields: readonly FieldPlan[];

  /**
   * @param document has passed validation
   * @throws OutOfOrdinaryError where the operation uses what a plan does not know (directives, introspection, abstract
   *   types below the first level), or is uncommonly large
   */
  constructor(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
    this.#schema = schema;
    this.#operation = operation;
    const type = schema.getQueryType();
    if (operation.operation !== 'query' || !type) throw new OutOfOrdinaryError();
    this.#fields = new Planner(schema, document, operation).fieldsOf(type, [operation.selectionSet], true);
  }

  /**
   * The data that answers the query.
   * @param inputs variables as they came; not coerced yet
   * @throws anything, where the general executor has to be asked
   */
  async execute(context: ApiContext, inputs: Record<string, unknown>): Promise<object> {
    const { coerced, errors } = getVariableValues(this.#schema, this.#operation.variableDefinitions ?? [], inputs);
    if (errors) throw new OutOfOrdinaryError();
    const run: Run = { context, variables: coerced, args: new Map(), pending: [], failure: null };
    const data = objectOf(this.#fields, undefined, run);
    while (run.pending.length > 0 && run.failure === null) {
      const { pending } = run;
      run.pending = [];
      await Promise.all(pending);
    }
    if (run.failure !== null) throw run.failure;
    return data;
  }
}

/** Looks at a document, once. */
class Planner {
  readonly #schema: GraphQLSchema;
  readonly #operation: OperationDefinitionNode;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  #fields = 0;

  constructor(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
    this.#schema = schema;
    this.#operation = operation;
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition);
    }
  }

  fieldsOf(type: GraphQLObjectType, sets: readonly SelectionSetNode[], isRoot = false): FieldPlan[] {
    const nodes = new Map<string, FieldNode[]>();
    // A fragment counts once, however often it is spread here; so fragments that spread each other twice stay small.
    const spread = new Set<string>();
    for (const set of sets) this.#collect(type, set, nodes, spread);
    this.#fields += nodes.size;
    if (this.#fields > MAX_FIELDS) throw new OutOfOrdinaryError();
    return [...nodes].map(([key, fieldNodes]) => this.#field(type, key, fieldNodes, isRoot));
  }

  #collect(type: GraphQLObjectType, set: SelectionSetNode, nodes: Map<string, FieldNode[]>, spread: Set<string>): void {
    for (const selection of set.selections) {
      if (selection.directives?.length) throw new OutOfOrdinaryError();
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const known = nodes.get(key);
        if (known) known.push(selection);
        else nodes.set(key, [selection]);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragmentOf(selection, spread);
      if (!fragment) continue;
      if (fragment.directives?.length) throw new OutOfOrdinaryError();
      if (!this.#applies(type, fragment.typeCondition?.name.value)) continue;
      this.#collect(type, fragment.selectionSet, nodes, spread);
    }
  }

  /** Null where it has been spread already. */
  #fragmentOf({ name: { value: name } }: FragmentSpreadNode, spread: Set<string>): FragmentDefinitionNode | null {
    if (spread.has(name)) return null;
    spread.add(name);
    const fragment = this.#fragments.get(name);
    if (!fragment) throw new OutOfOrdinaryError();
    return fragment;
  }

  #applies(type: GraphQLObjectType, condition: string | undefined): boolean {
    if (condition === undefined || condition === type.name) return true;
    const conditional = this.#schema.getType(condition);
    return isAbstractType(conditional) && this.#schema.isSubType(conditional, type);
  }

  #field(type: GraphQLObjectType, key: string, nodes: readonly FieldNode[], isRoot: boolean): FieldPlan {
    const [node] = nodes;
    // An object literal has no such member: setting it would set the prototype.
    if (!node || key === '__proto__') throw new OutOfOrdinaryError();
    const name = node.name.value;
    if (name === TYPENAME) {
      const complete = () => type.name;
      return { key, resolve: () => null, argumentsOf: null, infoOf: null, complete };
    }
    const field = type.getFields()[name];
    if (!field) throw new OutOfOrdinaryError();
    const resolve = (field.resolve ?? memberResolver(name)) as GraphQLFieldResolver<unknown, ApiContext>;
    // What a resolver below the first level is told of its place would have to be made for every item.
    if (!isRoot && resolve.length >= RESOLVER_WITH_INFO) throw new OutOfOrdinaryError();
    const plan: FieldPlan = {
      key,
      resolve,
      argumentsOf:
        field.args.length === 0
          ? null
          : (run) => argumentsOf(plan, run, () => getArgumentValues(field, node, run.variables)),
      infoOf: isRoot
        ? ({ variables }) => ({
            fieldName: name,
            fieldNodes: nodes,
            returnType: field.type,
            parentType: type,
            path: { prev: undefined, key, typename: type.name },
            schema: this.#schema,
            fragments: Object.fromEntries(this.#fragments),
            rootValue: undefined,
            operation: this.#operation,
            variableValues: variables,
          })
        : null,
      complete: this.#completion(field.type, selectionSetsOf(nodes), isRoot),
    };
    return plan;
  }

  #completion(type: GraphQLOutputType, sets: readonly SelectionSetNode[], isRoot: boolean): Completion {
    if (isNonNullType(type)) {
      const complete = this.#completion(type.ofType, sets, isRoot);
      return (value, run, info) => present(complete(value, run, info));
    }
    if (isListType(type)) {
      const complete = this.#completion(type.ofType, sets, isRoot);
      return nullable((value, run, info) => {
        if (!Array.isArray(value)) throw new OutOfOrdinaryError();
        return value.map((item) => complete(item, run, info));
      });
    }
    if (isLeafType(type)) return nullable((value) => present(type.serialize(value)));
    if (isObjectType(type)) {
      if (type.isTypeOf) throw new OutOfOrdinaryError();
      const fields = this.fieldsOf(type, sets);
      return nullable((value, run) => objectOf(fields, value, run));
    }
    if (!isRoot || !type.resolveType) throw new OutOfOrdinaryError();
    const { resolveType } = type;
    if (this.#schema.getPossibleTypes(type).some((each) => each.isTypeOf)) throw new OutOfOrdinaryError();
    const possible = new Map(this.#schema.getPossibleTypes(type).map((each) => [each.name, this.fieldsOf(each, sets)]));
    return nullable((value, run, info) => {
      const name = resolveType(value, run.context, info as GraphQLResolveInfo, type);
      const fields = typeof name === 'string' ? possible.get(name) : undefined;
      if (!fields) throw new OutOfOrdinaryError();
      return objectOf(fields, value, run);
    });
  }
}

function objectOf(fields: readonly FieldPlan[], source: unknown, run: Run): object {
  const object: Record<string, unknown> = {};
  for (const { key, resolve, argumentsOf, infoOf, complete } of fields) {
    const info = infoOf?.(run) ?? null;
    const value = resolve(
      source,
      argumentsOf ? argumentsOf(run) : NO_ARGUMENTS,
      run.context,
      info as GraphQLResolveInfo,
    );
    if (!isPromise(value)) {
      object[key] = complete(value, run, info);
      continue;
    }
    // Takes its place among the members, whose order is that of the query.
    object[key] = null;
    const settled = value.then((late) => {
      object[key] = complete(late, run, info);
    });
    run.pending.push(
      settled.catch((error: unknown) => {
        run.failure = error ?? new OutOfOrdinaryError();
      }),
    );
  }
  return object;
}

function argumentsOf(field: FieldPlan, { args }: Run, find: () => Record<string, unknown>): Record<string, unknown> {
  let found = args.get(field);
  if (!found) {
    found = find();
    args.set(field, found);
  }
  return found;
}

/** What GraphQL does where a field has no resolver, for members that are values. */
function memberResolver(name: string): (source: unknown) => unknown {
  return (source) => {
    if (typeof source !== 'object' || source === null) throw new OutOfOrdinaryError();
    const value = (source as Record<string, unknown>)[name];
    if (typeof value === 'function') throw new OutOfOrdinaryError();
    return value;
  };
}

function nullable(complete: Completion): Completion {
  return (value, run, info) => {
    if (value === null || value === undefined) return null;
    if (value instanceof Error || isPromise(value)) throw new OutOfOrdinaryError();
    return complete(value, run, info);
  };
}

function present(value: unknown): unknown {
  if (value === null || value === undefined) throw new OutOfOrdinaryError();
  return value;
}

function selectionSetsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
}
