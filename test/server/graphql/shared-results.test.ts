import { type ExecutionArgs, GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { FairQueue, type Requester } from '../../../server/graphql/fair-queue.ts';
import { sharedResultsPlugin } from '../../../server/graphql/shared-results.ts';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** More than results may take in one turn of the event loop. */
const BUSY_MS = 20;

function busy(): string {
  const startMs = performance.now();
  while (performance.now() - startMs < BUSY_MS);
  return 'done';
}

type Subscribe = (args: ExecutionArgs) => Promise<AsyncIterator<unknown>>;

describe('what subscribers share', () => {
  it('comes in the first of their turns, not behind what another of them has asked for', async () => {
    const queue = new FairQueue();
    let emit = () => {};
    const emitted = new Promise<void>((resolve) => {
      emit = resolve;
    });
    const event = {};
    async function* events() {
      await emitted;
      yield event;
    }
    const field = (resolve: () => string) => ({ type: GraphQLString, resolve, subscribe: events });
    const schema = new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { nothing: { type: GraphQLString } } }),
      subscription: new GraphQLObjectType({
        name: 'Subscription',
        fields: { busy: field(busy), short: field(() => 'done') },
      }),
    });
    let subscribe: unknown;
    const setSubscribeFn = (given: unknown) => {
      subscribe = given;
    };
    sharedResultsPlugin(schema, queue).onSubscribe?.({ setSubscribeFn } as never);
    const document = parse('subscription { short }');
    const streamOf = (requester: Requester, asked = document) =>
      (subscribe as Subscribe)({ schema, document: asked, contextValue: { mayControl: true, requester } } as never);
    const attacker: Requester = { client: '192.0.2.66', connection: { destroyed: false } };
    const honest: Requester = { client: '192.0.2.1', connection: { destroyed: false } };
    // The first one spends what there is for this turn, so that the others wait for theirs.
    const streams = [
      await streamOf(attacker, parse('subscription { busy }')),
      await streamOf(attacker),
      await streamOf(honest),
    ];
    let begun = 0;
    for (let i = 0; i < 100; i++) queue.waitForTurn(attacker).then(() => begun++);
    const told = streams.map((stream) => stream.next());
    emit();
    expect(await told[2]).toEqual({ done: false, value: { data: { short: 'done' } } });
    expect(await told[1]).toEqual(await told[2]);
    expect(begun).toBeLessThan(10);
    while (begun < 100) await nextTurn();
  });
});
