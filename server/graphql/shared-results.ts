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
import type { FairQueue, Requester } from './fair-queue.ts';
import { complexityOf, LONG_COMPLEXITY } from './limits.ts';

type Result = ExecutionResult | Promise<ExecutionResult>;
type ResultStream = AsyncIterableIterator<ExecutionResult, undefined>;

/** Time per iteration of the event loop for executing results at once; the rest goes through the fair queue. */
const EXECUTION_BUDGET_MS = 8;

/** Subscribers with the same document, variables and permissions. */
interface Group {
  subscribers: number;
  /** By event, for the current iteration of the event loop. */
  readonly results: Map<unknown, SharedResult>;
}

/**
 * Executes an event once for all subscribers with the same document and variables, on WebSocket and server-sent events
 * alike. Everything else stays per subscriber: its position in the event log, its backlog, and its end. Subscribers get
 * the same result object, so that it can be serialized once, too.
 *
 * A result is shared within one iteration of the event loop, in which an event reaches all waiting subscribers. A
 * subscriber that takes the event later, because its socket was full, gets a result of its own, with the state of then.
 */
export function sharedResultsPlugin(schema: GraphQLSchema, queue: FairQueue): Plugin<ApiContext> {
  const shared = new SharedResults(schema, queue);
  return {
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => shared.subscribe(args));
    },
  };
}

/** Result of one event for a group of subscribers, executed when first needed. */
class SharedResult {
  readonly #run: () => Result;
  #result: Result | null = null;
  /** Connections that have queued for it. */
  readonly #waiting = new Set<object>();
  readonly #first: Promise<ExecutionResult>;
  #resolveFirst: (turn: Promise<ExecutionResult>) => void = () => {};

  constructor(run: () => Result) {
    this.#run = run;
    this.#first = new Promise((resolve, reject) => {
      this.#resolveFirst = (turn) => turn.then(resolve, reject);
    });
  }

  /** Null until it was executed. */
  get result(): Result | null {
    return this.#result;
  }

  execute(): Result {
    this.#result ??= this.#run();
    return this.#result;
  }

  /** Executes it at the earliest turn of any waiting connection: none waits behind another one's backlog. */
  executeInTurn(queue: FairQueue, requester: Requester | undefined): Promise<ExecutionResult> {
    const waits = requester?.connection ?? this;
    if (!this.#waiting.has(waits)) {
      this.#waiting.add(waits);
      this.#resolveFirst(queue.waitForTurn(requester).then(() => this.execute()));
    }
    return this.#first;
  }
}

class SharedResults {
  readonly #schema: GraphQLSchema;
  readonly #queue: FairQueue;
  /** Time spent in this iteration of the event loop. */
  #spentMs = 0;
  /** The same text is the same document as long as the server's cache of parsed documents keeps it. */
  readonly #groups = new WeakMap<DocumentNode, Map<string, Group>>();
  /** Groups that have results. */
  readonly #fresh = new Set<Group>();

  constructor(schema: GraphQLSchema, queue: FairQueue) {
    this.#schema = schema;
    this.#queue = queue;
  }

  async subscribe(args: ExecutionArgs): Promise<ResultStream | ExecutionResult> {
    const source = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in source)) return source;
    const { group, leave } = this.#join(args);
    const { node, mayControl, isLocalUser, requester } = args.contextValue as ApiContext;
    // The shared result must not depend on one subscriber's request.
    const contextValue: ApiContext = { node, mayControl, isLocalUser };
    const { document, variableValues } = args;
    const isLong = complexityOf(this.#schema, document, variableValues, contextValue) > LONG_COMPLEXITY;
    const resultOf = (event: unknown): Result => execute({ ...args, contextValue, rootValue: event });
    return new Stream(
      source[Symbol.asyncIterator](),
      (event) =>
        this.#executeWithinBudget(
          isLong,
          requester,
          this.#sharedResult(event, group, () => resultOf(event)),
        ),
      leave,
    );
  }

  #sharedResult(event: unknown, group: Group, run: () => Result): SharedResult {
    const known = group.results.get(event);
    if (known) return known;
    const result = new SharedResult(run);
    // There is no other subscriber to share it with.
    if (group.subscribers === 1) return result;
    group.results.set(event, result);
    if (this.#fresh.size === 0) setImmediate(() => this.#forgetResults());
    this.#fresh.add(group);
    return result;
  }

  /** An event reaches all subscribers at once, with up to one execution each: a budget keeps other work responsive. */
  #executeWithinBudget(isLong: boolean, requester: Requester | undefined, shared: SharedResult): Result {
    if (shared.result !== null) return shared.result;
    if (isLong || this.#spentMs >= EXECUTION_BUDGET_MS) return shared.executeInTurn(this.#queue, requester);
    if (this.#spentMs === 0) {
      setImmediate(() => {
        this.#spentMs = 0;
      });
    }
    const startMs = performance.now();
    const result = shared.execute();
    this.#spentMs += performance.now() - startMs;
    return result;
  }

  #forgetResults(): void {
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
