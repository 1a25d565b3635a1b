import fc from 'fast-check';
import { type Block, coinbaseOf } from '../../consensus/block.ts';
import { ZERO_HASH } from '../../consensus/hash.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { makeCompactBlock } from '../../protocol/compact.ts';
import { ancestorAt } from '../../protocol/header-index.ts';
import { MESSAGE_KINDS, type Message } from '../../protocol/messages.ts';
import type { SimulatedNode } from '../../simulator/simulated-node.ts';
import { genesisPoint, mineChain, pathTo, withProofOfWork } from '../../testing/chain-builder.ts';
import { mine, restart } from '../../testing/simulated.ts';
import { type Mutation, mutated, mutation } from './byte-mutations.ts';
import { FAULTS, type Fault, forgeBlock, MAX_HASHES, repairedBlock } from './forge.ts';
import { FuzzedNetwork, TRANSFERS } from './fuzzed-network.ts';
import { HostilePeer, type Manners } from './hostile-peer.ts';
import { type FuzzTarget, target } from './target.ts';

type MessageType = keyof typeof MESSAGE_KINDS;
type Way = 'block' | 'compact' | 'headers';

/** One thing that is done to the running nodes. Numbers choose among what there is at that moment. */
type Operation =
  | {
      readonly do: 'connect';
      readonly to: number;
      readonly hello: HelloKind;
      readonly manners: Manners;
      readonly changes: readonly Mutation[];
    }
  | {
      readonly do: 'send';
      readonly peer: number;
      readonly type: MessageType;
      readonly pick: number;
      readonly changes: readonly Mutation[];
      readonly repair: boolean;
    }
  | { readonly do: 'forge'; readonly peer: number; readonly fault: Fault; readonly pick: number; readonly way: Way }
  | { readonly do: 'branch'; readonly peer: number; readonly length: number; readonly way: Way }
  | { readonly do: 'noise'; readonly peer: number; readonly bytes: Uint8Array }
  | { readonly do: 'leave'; readonly peer: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'submit'; readonly to: number; readonly pick: number; readonly changes: readonly Mutation[] }
  | { readonly do: 'mine'; readonly to: number }
  | { readonly do: 'rule out' | 'reconsider'; readonly to: number; readonly pick: number }
  | { readonly do: 'disconnect'; readonly to: number; readonly pick: number }
  | { readonly do: 'restart'; readonly to: number };

type HelloKind = 'good' | 'none' | 'changed' | 'stolen nonce' | 'stolen url' | 'boasting';

const MAX_OPERATIONS = 30;
const MAX_HOSTILE = 12;
const few = fc.array(mutation, { maxLength: 3 });
const index = fc.nat(11);
const way = fc.constantFrom<Way[]>('block', 'compact', 'headers');

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('connect' as const),
      to: index,
      hello: fc.constantFrom<HelloKind[]>(
        'good',
        'good',
        'good',
        'none',
        'changed',
        'stolen nonce',
        'stolen url',
        'boasting',
      ),
      manners: fc.constantFrom<Manners[]>('truth', 'lies', 'silence'),
      changes: few,
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      peer: index,
      type: fc.constantFrom(...(Object.keys(MESSAGE_KINDS) as MessageType[])),
      pick: fc.nat(1_000),
      changes: few,
      repair: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('forge' as const),
      peer: index,
      fault: fc.constantFrom(...FAULTS),
      pick: fc.nat(1_000),
      way,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('branch' as const),
      peer: index,
      length: fc.integer({ min: 1, max: 12 }),
      way,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('noise' as const), peer: index, bytes: fc.uint8Array({ maxLength: 40 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), peer: index }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.oneof(fc.nat(50), fc.nat(5_000), fc.constantFrom(2_001, 5_001, 10_001, 70_000, 601_000)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('submit' as const), to: index, pick: fc.nat(100), changes: few }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('mine' as const), to: index }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('rule out' as const, 'reconsider' as const),
      to: index,
      pick: fc.nat(6),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('disconnect' as const), to: index, pick: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), to: index }) },
);

/** Does one thing. What cannot be done at the moment is left out, so that any list of operations is one, and shrinks well. */
export function perform(world: FuzzedNetwork, step: Operation): void {
  const { network } = world;
  switch (step.do) {
    case 'connect':
      return connect(world, step);
    case 'send':
      return send(world, step);
    case 'forge':
      return forge(world, step);
    case 'branch':
      return branch(world, step);
    case 'noise':
      return peerOf(world, step.peer)?.send(step.bytes);
    case 'leave':
      return peerOf(world, step.peer)?.leave();
    case 'wait':
      return network.runFor(step.ms);
    case 'submit': {
      const raw = TRANSFERS[step.pick % TRANSFERS.length]?.raw ?? new Uint8Array();
      const bytes = mutated([raw], [], step.changes);
      world.node(step.to).request((request) => ({ type: 'submit', request, raw: bytes }));
      return;
    }
    case 'mine':
      return mine(network, world.node(step.to), 1);
    case 'rule out':
    case 'reconsider':
      return judge(world, step);
    case 'disconnect':
      return disconnectHostile(world, step);
    case 'restart':
      return restart(network, world.node(step.to));
  }
}

function peerOf(world: FuzzedNetwork, index: number): HostilePeer | undefined {
  const open = world.hostile.filter(({ isOpen }) => isOpen);
  return open[index % Math.max(1, open.length)];
}

function connect(world: FuzzedNetwork, { to, hello, manners, changes }: Extract<Operation, { do: 'connect' }>): void {
  if (world.hostile.filter(({ isOpen }) => isOpen).length >= MAX_HOSTILE) return;
  const peer = new HostilePeer(world.network, world.node(to), world.loot, manners, changes);
  world.hostile.push(peer);
  if (hello === 'none') return;
  const nonce = world.loot.nonces[changes.length % Math.max(1, world.loot.nonces.length)];
  if (hello === 'stolen nonce') world.hasStolenNonce = true;
  const fields = {
    ...(hello === 'stolen nonce' && nonce !== undefined ? { nonce } : {}),
    ...(hello === 'stolen url' ? { listenUrl: world.node(to + 1).url } : {}),
    ...(hello === 'boasting' ? { work: 2n ** 256n - 1n } : {}),
  };
  peer.hello(fields, hello === 'changed' ? changes : []);
  world.network.runFor(1);
}

function send(world: FuzzedNetwork, { peer, type, pick, changes, repair }: Extract<Operation, { do: 'send' }>): void {
  const hostile = peerOf(world, peer);
  if (!hostile) return;
  const message = messageOf(world, hostile.node, type, pick);
  if (!repair) return hostile.sendChanged(message, changes);
  // What is changed gets its proof of work again, and so is looked at more closely.
  if (message.type === 'block') {
    const raw = repairedBlock(mutated([message.raw.slice(0, 80), message.raw.slice(80)], [], changes), REGTEST);
    return hostile.sendChanged({ type: 'block', raw }, []);
  }
  if (message.type === 'compactBlock') {
    const header = withProofOfWork({ ...message.header, version: pick }, REGTEST, MAX_HASHES);
    return hostile.sendChanged({ ...message, header }, changes);
  }
  return hostile.sendChanged(message, []);
}

function forge(world: FuzzedNetwork, { peer, fault, pick, way: by }: Extract<Operation, { do: 'forge' }>): void {
  const hostile = peerOf(world, peer);
  if (!hostile) return;
  const { node } = hostile;
  const ready = node.core.mempool.byFeeRate().filter(({ state }) => state === 'ready');
  const pending = ready
    .flatMap(({ transaction }) => (transaction.kind === 'transfer' ? transaction : []))
    .sort((a, b) => Number(a.nonce - b.nonce));
  const transfers = pick % 3 === 0 ? TRANSFERS.slice(pick % TRANSFERS.length).slice(0, 3) : pending.slice(0, pick % 4);
  const nowSeconds = Math.floor(world.network.clock.instant().wallMs / 1_000);
  const block = forgeBlock(node, nowSeconds, {
    fault,
    depth: pick % 5 === 0 ? pick % 3 : 0,
    transfers,
    extraNonce: pick,
  });
  world.loot.blocks.set(block.hash, block);
  sendBlock(hostile, block, by, pick);
}

/** A valid chain of its own from genesis on: a heavy reorg, where it is longer. */
function branch(world: FuzzedNetwork, { peer, length, way: by }: Extract<Operation, { do: 'branch' }>): void {
  const hostile = peerOf(world, peer);
  if (!hostile) return;
  const path = pathTo(mineChain(genesisPoint(REGTEST), length, { extraNonce: length }));
  for (const { block } of path) world.loot.blocks.set(block.hash, block);
  if (by === 'headers')
    return hostile.sendChanged({ type: 'headers', headers: path.map(({ block }) => block.header) }, []);
  for (const { block } of path) sendBlock(hostile, block, by, 0);
}

function sendBlock(hostile: HostilePeer, block: Block, by: Way, pick: number): void {
  if (by === 'headers') return hostile.sendChanged({ type: 'headers', headers: [block.header] }, []);
  if (by === 'block' || block.transactions[0]?.kind !== 'coinbase') {
    return hostile.sendChanged({ type: 'block', raw: block.raw }, []);
  }
  return hostile.sendChanged(compactOf(block, pick), []);
}

function compactOf(block: Block, pick: number): Message {
  const transfers = block.transactions.filter(({ kind }) => kind === 'transfer');
  const whole: Block = { ...block, transactions: [coinbaseOf(block), ...transfers] };
  return makeCompactBlock(whole, BigInt(pick), (txid) => (Number.parseInt(txid.slice(0, 2), 16) ^ pick) % 2 === 0);
}

function judge(
  world: FuzzedNetwork,
  { do: what, to, pick }: Extract<Operation, { do: 'rule out' | 'reconsider' }>,
): void {
  const node = world.node(to);
  const { tip } = node.core.chain;
  const entry = ancestorAt(tip, Math.max(0, tip.record.height - pick)) ?? tip;
  const hash =
    what === 'rule out' ? entry.record.hash : (world.ruledOut.find(([each]) => each === node)?.[1] ?? ZERO_HASH);
  if (what === 'rule out') world.ruledOut.push([node, hash]);
  const type = what === 'rule out' ? 'invalidate-block' : 'reconsider-block';
  node.request((request) => ({ type, request, blockHash: hash }));
}

/**
 * An operator sends away a hostile peer, or one that is not there. Not one that calls itself by an honest node's URL:
 * then it is the honest node that the operator does not want, as far as anybody can tell.
 */
function disconnectHostile(world: FuzzedNetwork, { to, pick }: Extract<Operation, { do: 'disconnect' }>): void {
  const node = world.node(to);
  const honest = new Set(world.nodes.map(({ url }) => url));
  const known = node.core.peers().filter(({ url }) => url === null || !honest.has(url));
  const ids = new Set(known.map(({ id }) => id));
  const present = world.hostile.filter(({ id, isOpen }) => isOpen && ids.has(id));
  const peer = present[pick % Math.max(1, present.length)]?.id ?? 'nobody';
  node.request((request) => ({ type: 'disconnect-peer', request, peer }));
}

/** A message that fits the network as it is now. */
function messageOf(world: FuzzedNetwork, node: SimulatedNode, type: MessageType, pick: number): Message {
  const { chain, mempool } = node.core;
  const entry = ancestorAt(chain.tip, pick % (chain.tip.record.height + 1)) ?? chain.tip;
  const hash = entry.record.hash;
  const blocks = [...world.loot.blocks.values()];
  const block = blocks[pick % Math.max(1, blocks.length)] ?? chain.readBlock(chain.tip);
  const transfers = TRANSFERS.slice(pick % TRANSFERS.length).slice(0, 1 + (pick % 5));
  const txids = [
    ...transfers.map(({ txid }) => txid),
    ...mempool.byFeeRate().map(({ transaction }) => transaction.txid),
  ];
  switch (type) {
    case 'hello':
    case 'getAddresses':
      return { type: 'getAddresses' };
    case 'ping':
    case 'pong':
      return { type, nonce: BigInt(pick) };
    case 'addresses':
      return { type, urls: world.nodes.map(({ url }) => url).concat(`http://127.0.0.1:${6_000 + pick}`, 'http://x:1') };
    case 'getHeaders':
      return {
        type,
        locator: [hash, chain.tip.record.hash, REGTEST.genesis.hash],
        stop: pick % 2 === 0 ? ZERO_HASH : hash,
      };
    case 'headers':
      return { type, headers: headersFrom(node, pick) };
    case 'inv':
    case 'getTransactions':
      return { type, txids };
    case 'transactions':
      return { type, transactions: transfers };
    case 'notFound':
      return { type, what: pick % 2 === 0 ? 'block' : 'transaction', hashes: [hash, block.hash, ...txids] };
    case 'getBlocks':
      return { type, blockHashes: [hash, block.hash] };
    case 'block':
      return { type, raw: block.raw };
    case 'compactBlock':
      return compactOf(block.transactions[0]?.kind === 'coinbase' ? block : chain.readBlock(chain.tip), pick);
    case 'getBlockTransactions':
      return { type, blockHash: hash, positions: pick % 2 === 0 ? [] : [0, pick % 4 === 1 ? 1 : 6_801] };
    case 'blockTransactions':
      return { type, blockHash: block.hash, transactions: transfers };
    case 'bye':
      return { type, code: 4_000 + (pick % 12), reason: 'hostile' };
  }
}

function headersFrom(node: SimulatedNode, pick: number) {
  const { chain } = node.core;
  const start = pick % (chain.tip.record.height + 1);
  const headers = [];
  for (let height = start; height <= chain.tip.record.height; height++) {
    const entry = chain.activeAt(height);
    if (entry) headers.push(entry.record.header);
  }
  return headers;
}

/** Three honest nodes that mine and relay, while hostile peers and careless operators do what they like. */
export const RUNNING_CORE: FuzzTarget = target(
  'running-core',
  fc.record({
    seed: fc.nat(1_000),
    operations: fc.array(operation, { minLength: 1, maxLength: MAX_OPERATIONS, size: 'max' }),
  }),
  ({ seed, operations }) => {
    const world = new FuzzedNetwork(seed);
    // Nothing deep is reached without a peer that has said hello.
    for (const to of world.nodes.keys())
      perform(world, { do: 'connect', to, hello: 'good', manners: 'truth', changes: [] });
    for (const step of operations) {
      perform(world, step);
      world.network.runFor(step.do === 'wait' ? 0 : 3);
      world.plunder();
      world.check();
    }
    world.recover();
  },
  { notation: 'json', shortRuns: 40, weight: 30 },
);
