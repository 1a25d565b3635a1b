import { type Candidate, inTurns } from '../measure.ts';
import type { Question } from '../question.ts';
import { figure } from '../report.ts';
import { GraphqlLoad } from '../support/graphql-load.ts';
import { ourEndpoint, startGraphqlNode, stockEndpoint } from '../support/graphql-node.ts';

const ONE = 1;
const FULL = 100;
const SIZES = [ONE, 10, FULL] as const;
const ROUNDS = 5;
const ROUND_MS = 700;
/** Until the engine has compiled what is measured. */
const WARM_MS = 1_500;
const MS_PER_SECOND = 1_000;
const US_PER_SECOND = 1e6;

type Pair = readonly [ours: Candidate, stock: Candidate];

/** How many lists of blocks a second the API answers over HTTP, against Yoga as it comes, with its caches of parsed and validated documents. */
export const graphqlList: Question = {
  name: 'list',
  title: 'Lists of blocks over HTTP',
  async run() {
    const node = await startGraphqlNode(FULL);
    const sides = [
      { name: 'ours', endpoint: await ourEndpoint(node.context) },
      { name: 'stock Yoga', endpoint: await stockEndpoint(node.context) },
    ];
    const load = new GraphqlLoad();
    const pairs: Pair[] = [];
    for (const blocks of SIZES) {
      const body = JSON.stringify({ query: listOf(blocks) });
      const candidates = sides.map(({ name, endpoint: { url } }) => ({
        label: `${name}, blocks: ${blocks}`,
        measure: async (durationMs = ROUND_MS) => {
          const { done, elapsedMs } = await load.give({ kind: 'queries', url, body, durationMs });
          return (done / elapsedMs) * MS_PER_SECOND;
        },
      }));
      for (const { measure } of candidates) await measure(WARM_MS);
      const [ours, stock] = await inTurns(ROUNDS, candidates);
      if (ours && stock) pairs.push([ours, stock]);
    }
    await load.stop();
    for (const { endpoint } of sides) await endpoint.close();
    await node.stop();
    const [ours, stock] = pairs.at(-1) ?? [];
    if (!ours || !stock) throw new Error('nothing was measured');
    return {
      unit: 'requests/s',
      candidates: pairs.flat(),
      results: [
        { what: `${FULL} blocks, over stock Yoga`, value: ours.median / stock.median, unit: '×', goal: { least: 1 } },
      ],
      growth: growthOf(pairs),
      notes: [
        'Seven fields of each block, four connections of another process. Both sides run in this process over the same' +
          ' schema and node; both keep parsed and validated documents. Ours checks the caller and the cost of the query as well.',
      ],
    };
  },
};

function listOf(blocks: number): string {
  return `{ blocks(first: ${blocks}) { edges { node { hash height time transactionCount miner reward size } } } }`;
}

function growthOf(pairs: readonly Pair[]): string[] {
  const usOf = ({ median }: Candidate) => US_PER_SECOND / median;
  const lines = pairs.map(
    ([ours, stock], i) =>
      `${SIZES[i]} ${SIZES[i] === ONE ? 'block' : 'blocks'}: ${figure(usOf(ours))} µs a request, against ${figure(usOf(stock))} µs.`,
  );
  const [one, full] = [pairs[0], pairs.at(-1)];
  if (!one || !full) return lines;
  const [ours, stock] = ([0, 1] as const).map((side) => {
    const each = (usOf(full[side]) - usOf(one[side])) / (FULL - ONE);
    return `${figure(usOf(one[side]) - each)} µs and ${figure(each)} µs a block`;
  });
  return [...lines, `A request takes ${ours}, against ${stock}.`];
}
