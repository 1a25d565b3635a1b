import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesToHex } from '../../../consensus/hex.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import { genesisPoint, keysOf, transferAt } from '../../../testing/chain-builder.ts';
import { eventually } from '../../../testing/eventually.ts';
import { type LiveNode, startLiveNode } from '../../../testing/live-node.ts';
import { type Watch, watch as watchOn } from '../../../testing/watch.ts';

const SEND =
  'mutation { sendFromDevAccount(from: "Alice", to: "Bob", amount: "1") {' +
  ' ... on TransactionAccepted { transaction { id } } } }';
const MINE =
  'mutation ($count: Int, $to: String) { mine(count: $count, to: $to) { ... on BlocksMined { blocks { hash } } } }';

let live: LiveNode;
let query: LiveNode['api']['query'];

beforeEach(async () => {
  live = await startLiveNode();
  query = (text, variables) => live.api.query(text, variables);
});

afterEach(() => live.stop());

const watch = (text: string, variables?: Record<string, unknown>): Promise<Watch> => watchOn(live, text, variables);

async function send(): Promise<string> {
  return (await query(SEND)).sendFromDevAccount.transaction.id;
}

async function mine(count: number, to = 'Judy'): Promise<string[]> {
  return (await query(MINE, { count, to })).mine.blocks.map(({ hash }: { hash: string }) => hash);
}

describe('the small streams', () => {
  it('blockAdded gives every block that is connected, in order', async () => {
    const blocks = await watch('subscription { blockAdded { hash height transactionCount } }');
    const hashes = await mine(3);
    expect((await blocks.take(3)).map(({ blockAdded }) => blockAdded.hash)).toEqual(hashes);
  });

  it('mempoolChanged can tell all about the transactions that came', async () => {
    const changes = await watch('subscription { mempoolChanged { transactions { id status amount } } }');
    const id = await send();
    expect((await changes.next()).mempoolChanged.transactions).toEqual([{ id, status: 'PENDING', amount: '1' }]);
  });

  it('minerChanged tells how the miner gets on while it works, which no cursor brings back', async () => {
    const miner = await watch('subscription { minerChanged { mode working hashesDone } }');
    await query('mutation { setMining(mode: CONTINUOUS, hashrateLimit: 1000) { mode } }');
    const hashes: number[] = [];
    while (new Set(hashes).size < 3) {
      const { minerChanged } = await miner.next();
      if (minerChanged.working) hashes.push(Number(minerChanged.hashesDone));
    }
    expect([...hashes].sort((a, b) => a - b)).toEqual(hashes);
    await query('mutation { setMining(mode: OFF) { mode } }');
    const { latestEvents } = await query('{ latestEvents(count: 1000, kinds: [MINER]) { __typename } }');
    // What is kept: that it was set, and started or stopped for each block.
    const blocks = (await query('{ tip { height } }')).tip.height;
    expect(latestEvents.length).toBeLessThanOrEqual(2 * (blocks + 2));
  });

  it('mempoolChanged tells what came and what left, and why', async () => {
    const changes = await watch('subscription { mempoolChanged { added removed { id reason } size } }');
    const id = await send();
    expect((await changes.next()).mempoolChanged).toEqual({ added: [id], removed: [], size: 1 });
    await mine(1);
    expect((await changes.next()).mempoolChanged).toEqual({
      added: [],
      removed: [{ id, reason: 'CONFIRMED' }],
      size: 0,
    });
  });

  it('reorged tells exactly what was disconnected and connected', async () => {
    const id = await send();
    const [a1 = '', a2 = ''] = await mine(2);
    const reorgs = await watch(
      'subscription { reorged { commonAncestor disconnected connected returnedToMempool dropped depth } }',
    );
    await query(`mutation { invalidateBlock(hash: "${a1}") { __typename } }`);
    const left = (await reorgs.next()).reorged;
    expect(left).toEqual({
      commonAncestor: (await query('{ block(height: 0) { hash } }')).block.hash,
      disconnected: [a2, a1],
      connected: [],
      returnedToMempool: [id],
      dropped: [],
      depth: 2,
    });
    const [b1 = ''] = await mine(1, 'Carol');
    await query(`mutation { reconsiderBlock(hash: "${a1}") { __typename } }`);
    expect((await reorgs.next()).reorged).toEqual({
      commonAncestor: left.commonAncestor,
      disconnected: [b1],
      connected: [a1, a2],
      returnedToMempool: [],
      dropped: [],
      depth: 1,
    });
  });

  it('transactionStatus follows a transaction from before it is known until it is confirmed, and ends', async () => {
    const { raw, txid } = transferAt(genesisPoint(REGTEST), keysOf('Alice'), keysOf('Bob').address, { fee: 1_000n });
    const text = 'subscription ($id: Hash!) { transactionStatus(id: $id) { status block { height } } }';
    const status = await watch(text, { id: txid });
    await query('mutation ($raw: Hex!) { submitTransaction(raw: $raw) { __typename } }', { raw: bytesToHex(raw) });
    expect((await status.next()).transactionStatus).toEqual({ status: 'PENDING', block: null });
    await mine(1);
    expect((await status.next()).transactionStatus).toEqual({ status: 'CONFIRMED', block: { height: 1 } });
    await expect(status.next()).rejects.toThrow('has ended');
  });

  it('peersChanged, minerChanged and syncChanged give the state as it changes', async () => {
    const [peers, miner, sync] = await Promise.all([
      watch('subscription { peersChanged { url state } }'),
      watch('subscription { minerChanged { mode } }'),
      watch('subscription { syncChanged { state height } }'),
    ]);
    await query('mutation { setMining(mode: ON_TRANSACTION) { mode } }');
    expect((await miner.next()).minerChanged).toEqual({ mode: 'ON_TRANSACTION' });
    const other = await startLiveNode();
    await query(`mutation { connectPeer(url: "${other.url}") { __typename } }`);
    let state = (await peers.next()).peersChanged;
    while (state[0]?.state !== 'READY') state = (await peers.next()).peersChanged;
    expect(state).toEqual([{ url: other.url, state: 'READY' }]);
    expect((await sync.next()).syncChanged).toMatchObject({ height: 0 });
    await other.stop();
  });
});

describe('the stream of events', () => {
  const EVENTS = `subscription ($after: Cursor, $kinds: [EventKind!]) { events(after: $after, kinds: $kinds) {
    __typename cursor at
    ... on BlockEvent { block { hash } } ... on MempoolEvent { change { size } } ... on GapEvent { missed }
  } }`;

  it('goes on behind a cursor over a lost connection, without a miss or a repeat', async () => {
    const first = await watch(EVENTS, { kinds: ['BLOCK'] });
    const early = await mine(2);
    const seen = await first.take(2);
    await first.stop();
    const missed = await mine(3);
    const again = await watch(EVENTS, { kinds: ['BLOCK'], after: seen.at(-1)?.events.cursor });
    const late = await mine(1);
    const all = [...seen, ...(await again.take(4))].map(({ events }) => events.block.hash);
    expect(all).toEqual([...early, ...missed, ...late]);
  });

  it('says that there is a gap where the cursor is of another run', async () => {
    const stream = await watch(EVENTS, { after: '00000000-5' });
    expect((await stream.next()).events).toMatchObject({ __typename: 'GapEvent', missed: null });
  });

  it('has the kinds that were asked for, in the order in which things happened', async () => {
    const stream = await watch(EVENTS, { kinds: ['BLOCK', 'MEMPOOL'] });
    await send();
    await mine(1);
    const kinds = (await stream.take(3)).map(({ events }) => events.__typename);
    expect(kinds[0]).toBe('MempoolEvent');
    expect(kinds.slice(1).sort()).toEqual(['BlockEvent', 'MempoolEvent']);
  });

  it('refuses a cursor that is none, naming the argument', async () => {
    await expect(watch(EVENTS, { after: 'x' }).then((stream) => stream.next())).rejects.toThrow(
      'after: "x" is not a cursor of this API',
    );
  });

  it('is the same over server-sent events', async () => {
    const abort = new AbortController();
    const response = await fetch(`${live.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: EVENTS, variables: { kinds: ['BLOCK'] } }),
      signal: abort.signal,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const [hash] = await mine(1);
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      if (text.includes(`"hash":"${hash}"`)) break;
    }
    expect(text).toMatch(/^event: next$/m);
    abort.abort();
  });

  it('ends for everyone when the node stops', async () => {
    const stream = await watch(EVENTS);
    const over = stream.next();
    await Promise.all([live.stop(), expect(over).rejects.toBeDefined()]);
  });
});

describe('a subscriber that leaves', () => {
  it('is forgotten at once, though nothing happens', async () => {
    const open = async () =>
      /^forklore_subscriptions (\d+)$/m.exec(await (await fetch(`${live.url}/metrics`)).text())?.[1];
    const streams = await Promise.all([
      watch('subscription { events(kinds: [REORG]) { cursor } }'),
      watch('subscription { blockAdded { hash } }'),
      watch(`subscription { transactionStatus(id: "${'ab'.repeat(32)}") { status } }`),
    ]);
    expect(await open()).toBe('3');
    await Promise.all(streams.map((stream) => stream.stop()));
    await eventually(async () => expect(await open()).toBe('0'));
  });
});
