import { EventLog } from '../../server/events/event-log.ts';
import type { NodeContext } from '../../server/node/node-context.ts';
import { type Candidate, inTurns, lawOf } from '../measure.ts';
import type { Question } from '../question.ts';
import { figure } from '../report.ts';
import { GraphqlLoad } from '../support/graphql-load.ts';
import { type Endpoint, ourEndpoint, startGraphqlNode, stockEndpoint } from '../support/graphql-node.ts';

const QUERY = 'subscription { blockAdded { hash height time transactionCount miner reward size } }';
const FEW = 10;
const MANY = 1_000;
const SIZES = [FEW, 100, MANY] as const;
/** Events that are published in one turn of the event loop: one by one, and as when a branch of blocks is connected. */
const SINGLE = 1;
const BURST = 10;
const ROUNDS = 5;
const WARM_ROUNDS = 1;
/** Messages of one round, of all subscribers together: each size works for about the same time. */
const MESSAGES = 20_000;
const MS_PER_SECOND = 1_000;
const US_PER_MS = 1_000;
const LOOK_AGAIN_MS = 5;

type Pair = readonly [ours: Candidate, stock: Candidate];

/** Messages a second that reach subscribers over WebSocket, against graphql-ws as it comes. */
export const subscriptions: Question = {
  name: 'subscriptions',
  title: 'Events to subscribers',
  async run() {
    const node = await startGraphqlNode(1);
    const sides = [
      await openSide('ours', node.context, ourEndpoint),
      await openSide('stock graphql-ws', node.context, stockEndpoint),
    ];
    const compare = async (subscribers: number, burst: number): Promise<Pair> => {
      const candidates = sides.map((side) => ({
        label: `${side.name}, ${figure(subscribers)} subscribers${burst > 1 ? `, ${burst} events at once` : ''}`,
        measure: () => side.deliver(subscribers, burst),
      }));
      await inTurns(WARM_ROUNDS, candidates);
      const [ours, stock] = await inTurns(ROUNDS, candidates);
      if (!ours || !stock) throw new Error('nothing was measured');
      return [ours, stock];
    };
    const singles: Pair[] = [];
    for (const size of SIZES) {
      for (const side of sides) await side.subscribe(size);
      singles.push(await compare(size, SINGLE));
    }
    const bursts = await compare(MANY, BURST);
    for (const side of sides) await side.close();
    await node.stop();
    const most = singles.at(-1);
    if (!most) throw new Error('nothing was measured');
    const goal = { least: 3 };
    return {
      unit: 'messages/s',
      candidates: [...singles, bursts].flat(),
      results: [
        {
          what: `${figure(MANY)} subscribers, over stock graphql-ws`,
          value: ratio(most),
          unit: '×',
          goal,
          obstacle: 'a system call for each socket and event is the floor of both sides, and ours is close to it.',
        },
        { what: `the same, ${BURST} events at once`, value: ratio(bursts), unit: '×', goal },
      ],
      growth: growthOf(singles),
      notes: [
        'Each subscriber has a socket of its own and asks for the same seven fields of each new block. Both sides run in' +
          ' this process over the same schema and node, without compression; each has a process of clients.',
      ],
    };
  },
};

/** One of the two servers, with its own log of events and its own clients. */
interface Side {
  readonly name: string;
  /** Adds subscribers, until there are this many. */
  subscribe(count: number): Promise<void>;
  /** Messages a second, from the first event until the last subscriber has the last one. */
  deliver(subscribers: number, burst: number): Promise<number>;
  close(): Promise<void>;
}

async function openSide(
  name: string,
  shared: NodeContext,
  listen: (context: NodeContext) => Promise<Endpoint>,
): Promise<Side> {
  const events = new EventLog();
  const endpoint = await listen({ ...shared, events });
  const load = new GraphqlLoad();
  return {
    name,
    subscribe: async (count) => {
      await load.give({ kind: 'subscribe', url: endpoint.url, query: QUERY, sockets: count });
      while (events.subscriberCount < count) await later();
    },
    deliver: async (subscribers, burst) => {
      const count = MESSAGES / subscribers;
      const { hash, height } = shared.view.chain.tip.record;
      const startMs = performance.now();
      const arrival = load.give({ kind: 'await', messages: count });
      for (let i = 1; i <= count; i++) {
        events.append({ kind: 'block', blockHash: hash, height }, Date.now());
        if (i % burst === 0) await new Promise(setImmediate);
      }
      await arrival;
      return (MESSAGES / (performance.now() - startMs)) * MS_PER_SECOND;
    },
    close: async () => {
      await load.stop();
      await endpoint.close();
    },
  };
}

function later(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
}

function ratio([ours, stock]: Pair): number {
  return ours.median / stock.median;
}

function growthOf(pairs: readonly Pair[]): string[] {
  const msOf = ({ median }: Candidate, size: number) => (size / median) * MS_PER_SECOND;
  const lines = pairs.map((pair, i) => {
    const size = SIZES[i] ?? 0;
    const [ours, stock] = pair.map((side) => `${figure(msOf(side, size))} ms`);
    return `${figure(size)} subscribers: an event takes ${ours} to all of them, against ${stock}.`;
  });
  const [few, many] = [pairs[0], pairs.at(-1)];
  if (!few || !many) return lines;
  const [ours, stock] = ([0, 1] as const).map(
    (side) => `${figure(((msOf(many[side], MANY) - msOf(few[side], FEW)) / (MANY - FEW)) * US_PER_MS)} µs`,
  );
  const law = lawOf(
    'The time of an event',
    pairs.map(([side], i) => ({ size: SIZES[i] ?? 0, cost: msOf(side, SIZES[i] ?? 0) })),
  );
  return [...lines, `${law} Each subscriber takes ${ours}, against ${stock}.`];
}
