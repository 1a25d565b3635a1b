import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLSchema,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { ApiContext } from './builder.ts';
import { complexityOf, LONG_COMPLEXITY } from './limits.ts';
import type { Asker, Turns } from './turns.ts';

type Result = ExecutionResult | Promise<ExecutionResult>;
type ResultStream = AsyncIterableIterator<ExecutionResult, undefined>;

/** Results are found for so long in one turn of the event loop; those that are left wait for their turns. */
const TURN_BUDGET_MS = 8;

/** Subscribers that ask for exactly the same, and may see exactly the same. */
interface Group {
  subscribers: number;
  /** By event; of this turn of the event loop. */
  readonly results: Map<unknown, SharedResult>;
}

/**
 * Executes an event once for all who subscribed to it with the same document and variables, instead of once for each,
 * on WebSocket and as server-sent events alike. All else stays with the subscriber: its place in the log of events, how
 * far it may fall behind, and its end. The results are the same objects, so that they can be made text once, too.
 *
 * A result is shared within one turn of the event loop, in which an event reaches all who wait for it. Who takes the
 * event later, because his socket was full, is told what is true then.
 */
export function sharedResultsPlugin(schema: GraphQLSchema, turns: Turns): Plugin<ApiContext> {
  const shared = new SharedResults(schema, turns);
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => shared.subscribe(args));
    },
  };
}

/** What subscribers are told of one event. */
class SharedResult {
  readonly #find: () => Result;
  #result: Result | null = null;
  /** Connections that wait for it, each with a turn asked for. */
  readonly #waiting = new Set<object>();
  readonly #firstTurn: Promise<ExecutionResult>;
  #onTurn: (turn: Promise<ExecutionResult>) => void = () => {};

  constructor(find: () => Result) {
    this.#find = find;
    this.#firstTurn = new Promise((resolve, reject) => {
      this.#onTurn = (turn) => turn.then(resolve, reject);
    });
  }

  /** Null until it has been looked for. */
  get result(): Result | null {
    return this.#result;
  }

  find(): Result {
    this.#result ??= this.#find();
    return this.#result;
  }

  /** In the first turn of those who wait: none waits behind what another one has asked for besides. */
  findInTurn(turns: Turns, asker: Asker | undefined): Promise<ExecutionResult> {
    const waits = asker?.connection ?? this;
    if (!this.#waiting.has(waits)) {
      this.#waiting.add(waits);
      this.#onTurn(turns.next(asker).then(() => this.find()));
    }
    return this.#firstTurn;
  }
}

class SharedResults {
  readonly #schema: GraphQLSchema;
  readonly #turns: Turns;
  /** In this turn of the event loop. */
  #spentMs = 0;
  /** The same text is the same document as long as the server's cache of parsed documents keeps it. */
  readonly #groups = new WeakMap<DocumentNode, Map<string, Group>>();
  /** Groups that have results. */
  readonly #fresh = new Set<Group>();

  constructor(schema: GraphQLSchema, turns: Turns) {
    this.#schema = schema;
    this.#turns = turns;
  }

  async subscribe(args: ExecutionArgs): Promise<ResultStream | ExecutionResult> {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const { group, leave } = this.#join(args);
    const { node, mayControl, isLocalUser, asker } = args.contextValue as ApiContext;
    // Nothing of one subscriber's request may reach what all of them are given.
    const contextValue: ApiContext = { node, mayControl, isLocalUser };
    const { document, variableValues } = args;
    const isLong = complexityOf(this.#schema, document, variableValues, contextValue) > LONG_COMPLEXITY;
    const resultOf = (event: unknown): Result => execute({ ...args, contextValue, rootValue: event });
    return new Stream(
      source[Symbol.asyncIterator](),
      (event) =>
        this.#inTurn(
          isLong,
          asker,
          this.#sharedResult(event, group, () => resultOf(event)),
        ),
      leave,
    );
  }

  #sharedResult(event: unknown, group: Group, find: () => Result): SharedResult {
    const known = group.results.get(event);
    if (known) return known;
    const result = new SharedResult(find);
    // Nobody else would ask for it.
    if (group.subscribers === 1) return result;
    group.results.set(event, result);
    if (this.#fresh.size === 0) setImmediate(() => this.#forget());
    this.#fresh.add(group);
    return result;
  }

  /** An event comes to all subscribers at once, and each may want something else of it: nobody else waits for them all. */
  #inTurn(isLong: boolean, asker: Asker | undefined, shared: SharedResult): Result {
    if (shared.result !== null) return shared.result;
    if (isLong || this.#spentMs >= TURN_BUDGET_MS) return shared.findInTurn(this.#turns, asker);
    if (this.#spentMs === 0) {
      setImmediate(() => {
        this.#spentMs = 0;
      });
    }
    const startMs = performance.now();
    const result = shared.find();
    this.#spentMs += performance.now() - startMs;
    return result;
  }

  #forget(): void {
    for (const group of this.#fresh) group.results.clear();
    this.#fresh.clear();
  }

  #join({ document, operationName, variableValues, contextValue }: ExecutionArgs): { group: Group; leave(): void } {
    const { mayControl, isLocalUser } = contextValue as ApiContext;
    const key = JSON.stringify([operationName, variableValues, mayControl, isLocalUser]);
    const groups = this.#groups.get(document) ?? new Map<string, Group>();
    this.#groups.set(document, groups);
    const group = groups.get(key) ?? { subscribers: 0, results: new Map() };
    groups.set(key, group);
    group.subscribers++;
    const leave = () => {
      group.subscribers--;
      if (group.subscribers === 0) groups.delete(key);
    };
    return { group, leave };
  }
}

/** Results of one subscriber. Not an async generator, whose `return` would wait for the next event. */
class Stream implements ResultStream {
  readonly #source: AsyncIterator<unknown>;
  readonly #resultOf: (event: unknown) => Result;
  #leave: (() => void) | null;

  constructor(source: AsyncIterator<unknown>, resultOf: (event: unknown) => Result, leave: () => void) {
    this.#source = source;
    this.#resultOf = resultOf;
    this.#leave = leave;
  }

  next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    return this.#source.next().then(this.#onEvent, this.#onError);
  }

  readonly #onEvent = ({ done, value }: IteratorResult<unknown>) => {
    if (done) return this.return();
    const result = this.#resultOf(value);
    return result instanceof Promise ? result.then(item) : item(result);
  };

  readonly #onError = async (error: unknown): Promise<never> => {
    await this.return();
    throw error;
  };

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.#leave?.();
    this.#leave = null;
    await this.#source.return?.();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function item(value: ExecutionResult): IteratorYieldResult<ExecutionResult> {
  return { value, done: false };
}
