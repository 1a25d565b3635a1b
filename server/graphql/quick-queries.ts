import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql';
import { BoundedMap } from '../../protocol/bounded-map.ts';
import type { ApiContext } from './builder.ts';
import { MAX_REMEMBERED, MAX_REMEMBERED_CHARS } from './document-cache.ts';
import { complexityOf, LONG_COMPLEXITY, MAX_COMPLEXITY } from './limits.ts';
import { OutOfOrdinaryError, QueryPlan } from './query-plan.ts';
import type { Asker, Turns } from './turns.ts';

const JSON_BODY = /^application\/json(; ?charset=utf-8)?$/i;
/** What is answered to the values of `Accept` that clients send with queries. */
const ANSWER_TYPES: ReadonlyMap<string, string> = new Map([
  ['*/*', 'application/json'],
  ['application/json', 'application/json'],
  ['application/json, */*', 'application/json'],
  ['application/graphql-response+json', 'application/graphql-response+json'],
  ['application/graphql-response+json, application/json', 'application/graphql-response+json'],
]);
/** Everything that a request may say; what says more is not for here. */
const PARAMETERS: ReadonlySet<string> = new Set(['query', 'variables', 'operationName', 'extensions']);

/** An operation whose document has passed parsing and validation, limits included. */
interface Remembered {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Made when it is first to be executed; null: it cannot be planned. */
  plan: QueryPlan | null | undefined;
}

/** What a request asks for. */
interface Asked {
  readonly query: string;
  readonly variables: Record<string, unknown>;
  readonly operationName: string | null;
}

export interface QuickQueriesOptions {
  readonly schema: GraphQLSchema;
  /** The same functions, with the same rules, as those of every other way in. */
  prepare(): {
    parse(source: string): DocumentNode;
    validate(schema: GraphQLSchema, document: DocumentNode): readonly GraphQLError[];
  };
  /** For what is new or long. */
  readonly turns: Turns;
}

/**
 * A short way for what nearly every request is: a query that was seen before, sent by POST as JSON, whose answer is JSON
 * without errors. Anything else is left to the server behind, so that there is one place that says what is wrong.
 */
export class QuickQueries {
  readonly #options: QuickQueriesOptions;
  /** With their plans. */
  readonly #remembered = new BoundedMap<string, Remembered>(MAX_REMEMBERED);

  constructor(options: QuickQueriesOptions) {
    this.#options = options;
  }

  /**
   * Whether a request may be answered here, by its headers.
   * @param maxBytes of its body
   */
  static isFor({ method, url, headers }: IncomingMessage, maxBytes: number): boolean {
    const length = headers['content-length'];
    return (
      method === 'POST' &&
      url === '/graphql' &&
      JSON_BODY.test(headers['content-type'] ?? '') &&
      headers['content-encoding'] === undefined &&
      length !== undefined &&
      Number(length) <= maxBytes &&
      answerTypeOf(headers.accept) !== undefined
    );
  }

  /** Answers; or does nothing, and says so. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    context: ApiContext,
  ): Promise<boolean> {
    let text: string;
    try {
      const asked = askedBy(body);
      const known = asked && (await this.#operationOf(asked, context.asker));
      if (response.destroyed) return true;
      if (!known) return false;
      const { schema, turns } = this.#options;
      const complexity = complexityOf(schema, known.document, asked.variables, context);
      if (complexity > MAX_COMPLEXITY) return false;
      if (complexity > LONG_COMPLEXITY) {
        await turns.next(context.asker);
        // The caller has given up meanwhile.
        if (response.destroyed) return true;
      }
      known.plan ??= known.plan === undefined ? planOf(schema, known.document, known.operation) : null;
      if (!known.plan) return false;
      text = `{"data":${JSON.stringify(await known.plan.execute(context, asked.variables))}}`;
    } catch {
      // A query has changed nothing: it runs again, and the server behind tells what is wrong, masked and logged.
      return false;
    }
    response.setHeader('Content-Type', `${answerTypeOf(request.headers.accept)}; charset=utf-8`).end(text);
    return true;
  }

  async #operationOf({ query, operationName }: Asked, asker: Asker | undefined): Promise<Remembered | null> {
    // Of a document with many operations each has a plan of its own, and counts for itself.
    const key = JSON.stringify([operationName, query]);
    const known = this.#remembered.get(key);
    if (known) return known;
    await this.#options.turns.next(asker);
    return this.#remember(key, query, operationName);
  }

  #remember(key: string, query: string, operationName: string | null): Remembered | null {
    if (query.length > MAX_REMEMBERED_CHARS) return null;
    const { parse, validate } = this.#options.prepare();
    const document = parse(query);
    if (validate(this.#options.schema, document).length > 0) return null;
    const operation = getOperationAST(document, operationName);
    if (!operation) return null;
    const remembered: Remembered = { document, operation, plan: undefined };
    this.#remembered.set(key, remembered);
    return remembered;
  }
}

function planOf(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode): QueryPlan | null {
  try {
    return new QueryPlan(schema, document, operation);
  } catch (error) {
    if (error instanceof OutOfOrdinaryError) return null;
    throw error;
  }
}

function answerTypeOf(accept = '*/*'): string | undefined {
  return ANSWER_TYPES.get(accept);
}

function askedBy(body: Buffer): Asked | null {
  const asked: unknown = JSON.parse(body.toString());
  if (!isRecord(asked)) return null;
  for (const name in asked) if (!PARAMETERS.has(name)) return null;
  const { query, variables, operationName, extensions } = asked;
  if (typeof query !== 'string' || !isRecord(variables ?? {}) || !isRecord(extensions ?? {})) return null;
  if (typeof (operationName ?? '') !== 'string') return null;
  return {
    query,
    variables: (variables ?? {}) as Asked['variables'],
    operationName: (operationName ?? null) as string | null,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
