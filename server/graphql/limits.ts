import { complexityFromQuery } from '@pothos/plugin-complexity';
import {
  type ASTVisitor,
  type DocumentNode,
  type ExecutionArgs,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  parse,
  type SelectionSetNode,
  type ValidationContext,
  validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ApiContext } from './builder.ts';
import { callerGone, publicError, tooMuch } from './errors.ts';
import type { FairQueue } from './fair-queue.ts';

/** Levels of fields in an operation. */
export const MAX_DEPTH = 8;
/** The same for introspection: GraphiQL's own query has 15 levels. */
const MAX_INTROSPECTION_DEPTH = 16;
export const MAX_ALIASES = 15;
/** Lexical tokens of a document, comments included (the parser keeps them but does not count them). */
export const MAX_TOKENS = 1_000;
/** How often one selection set may contain the same response name: the rule that merges fields compares all pairs. */
export const MAX_REPEATS = 20;
/** Validation errors reported for a document; validation stops there. Each costs a search for similar names. */
const MAX_MISTAKES = 10;
/** Fields that an operation may resolve; the fields of a list count once per requested item. */
export const MAX_COMPLEXITY = 20_000;

/** Complexity above which an operation takes several milliseconds and is scheduled by the queue. */
export const LONG_COMPLEXITY = 1_000;

/** Rejects operations over the limits, and schedules long ones fairly, on every transport alike. */
export function limitsPlugin(schema: GraphQLSchema, queue: FairQueue): Plugin<ApiContext> {
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string, options: object) => parseWithin(source, options));
    },
    onValidate({ setValidationFn }) {
      setValidationFn(validateWithin);
    },
    onExecute({ args, executeFn, setExecuteFn, setResultAndStopExecution }) {
      const { complexity, error } = weigh(schema, args);
      if (error) setResultAndStopExecution({ errors: [error] });
      else if (complexity > LONG_COMPLEXITY) {
        setExecuteFn(async (given: ExecutionArgs) => {
          const { requester } = args.contextValue as ApiContext;
          await queue.waitForTurn(requester);
          if (requester?.connection.destroyed) return { errors: [callerGone()] };
          return executeFn(given);
        });
      }
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const { takePlace } = args.contextValue as ApiContext;
      const error =
        weigh(schema, args).error ?? (takePlace?.() === false ? tooMuch('too many streams are open') : null);
      if (error) setResultAndStopExecution({ errors: [error] });
    },
  };
}

/** Number of fields that an operation may resolve; the fields of a list count once per requested item. */
export function complexityOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  variables: Record<string, unknown> | null | undefined,
  ctx: object,
): number {
  return complexityFromQuery(document, { schema, variables: variables ?? {}, ctx }).complexity;
}

/**
 * Complexity of an operation, and the error if it must not run. Its variables are coerced here for the first time; errors
 * in them become results, since a thrown error would close a WebSocket of the API.
 */
function weigh(schema: GraphQLSchema, args: ExecutionArgs): { complexity: number; error: GraphQLError | null } {
  try {
    const context = args.contextValue as object;
    const complexity = complexityOf(schema, args.document, args.variableValues, context);
    return { complexity, error: tooComplex(complexity) };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { complexity: 0, error: publicError(error, 'BAD_INPUT') };
  }
}

function tooComplex(complexity: number): GraphQLError | null {
  if (complexity <= MAX_COMPLEXITY) return null;
  return tooMuch(
    `the operation asks for about ${Math.round(complexity)} fields, at most ${MAX_COMPLEXITY} are allowed`,
  );
}

function parseWithin(source: string, options: object): DocumentNode {
  let document: DocumentNode;
  try {
    document = parse(source, { ...options, maxTokens: MAX_TOKENS });
  } catch (error) {
    throw error instanceof GraphQLError ? publicError(error, 'GRAPHQL_PARSE_FAILED') : error;
  }
  let tokens = 0;
  for (let token = document.loc?.startToken; token; token = token.next ?? undefined) tokens++;
  // The first and the last token stand for the ends of the text.
  if (tokens - 2 > MAX_TOKENS) throw tooMuch(`the document has more than ${MAX_TOKENS} tokens and comments`);
  return document;
}

/** Checks the limits first: GraphQL's own rules take many times as long, most of all for documents over the limits. */
function validateWithin(
  schema: GraphQLSchema,
  document: DocumentNode,
  rules: Parameters<typeof validate>[2],
): readonly GraphQLError[] {
  const excess = validate(schema, document, [depthRule, aliasRule, repeatRule], { maxErrors: 1 });
  if (excess.length > 0) return excess.slice(0, 1);
  const mistakes = validate(schema, document, rules, { maxErrors: MAX_MISTAKES });
  return mistakes.slice(0, MAX_MISTAKES).map((mistake) => publicError(mistake, 'GRAPHQL_VALIDATION_FAILED'));
}

function depthRule(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition(operation) {
      const walk = new DepthWalk(context);
      const excess = walk.excessOf(operation.selectionSet, 0, MAX_DEPTH);
      if (excess) context.reportError(excess);
      return false;
    },
  };
}

/** Walks an operation through its fragments. Each fragment is entered once per depth, so cycles and fragment bombs end. */
class DepthWalk {
  readonly #context: ValidationContext;
  readonly #visited = new Set<string>();

  constructor(context: ValidationContext) {
    this.#context = context;
  }

  excessOf(set: SelectionSetNode, depth: number, limit: number): GraphQLError | null {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const isMeta = depth === 0 && (selection.name.value === '__schema' || selection.name.value === '__type');
        const allowed = isMeta ? MAX_INTROSPECTION_DEPTH : limit;
        if (depth + 1 > allowed) return tooMuch(`the operation is more than ${allowed} levels deep`);
        const excess = selection.selectionSet && this.excessOf(selection.selectionSet, depth + 1, allowed);
        if (excess) return excess;
      } else {
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragment(selection.name.value, depth, limit);
        const excess = inner && this.excessOf(inner.selectionSet, depth, limit);
        if (excess) return excess;
      }
    }
    return null;
  }

  #fragment(name: string, depth: number, limit: number): FragmentDefinitionNode | null {
    const key = `${name} ${depth} ${limit}`;
    if (this.#visited.has(key)) return null;
    this.#visited.add(key);
    return this.#context.getFragment(name) ?? null;
  }
}

function aliasRule(context: ValidationContext): ASTVisitor {
  let aliases = 0;
  return {
    Field(field) {
      if (!field.alias) return;
      aliases++;
      if (aliases === MAX_ALIASES + 1)
        context.reportError(tooMuch(`the document has more than ${MAX_ALIASES} aliases`));
    },
  };
}

function repeatRule(context: ValidationContext): ASTVisitor {
  return {
    SelectionSet({ selections }) {
      const counts = new Map<string, number>();
      for (const selection of selections) {
        if (selection.kind !== Kind.FIELD) continue;
        const name = (selection.alias ?? selection.name).value;
        const count = (counts.get(name) ?? 0) + 1;
        counts.set(name, count);
        if (count <= MAX_REPEATS) continue;
        context.reportError(tooMuch(`the same field is selected more than ${MAX_REPEATS} times`));
        return;
      }
    },
  };
}
