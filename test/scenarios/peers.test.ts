import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REGTEST } from '../../consensus/networks.ts';
import { encodeTransfer, type Transfer } from '../../consensus/transaction.ts';
import { makeCompactBlock } from '../../protocol/compact.ts';
import { MAX_BLOCK_TRANSFERS, MAX_FRAME_BYTES } from '../../protocol/limits.ts';
import { type Hello, MESSAGE_KINDS, type Message } from '../../protocol/messages.ts';
import { BYE } from '../../protocol/peers.ts';
import { genesisPoint, keysOf, mineBlock, mineChain, pathTo, transferAt } from '../../testing/chain-builder.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { RawPeer, regtestHello } from '../../testing/raw-peer.ts';
import { sampleMessages } from '../../testing/sample-messages.ts';
import { ScriptedPeer } from '../../testing/scripted-peer.ts';
import { expectUnchanged, oneNode, standing, submit, untilClosed } from '../../testing/simulated.ts';

const genesis = genesisPoint(REGTEST);
const [alice, bob, carol] = [keysOf('Alice'), keysOf('Bob'), keysOf('Carol')];
const FEE = 1_000n;
/** Kind of the message that announces a new block. */
const COMPACT_BLOCK = MESSAGE_KINDS.compactBlock;
const UNKNOWN = Uint8Array.of(200, 1, 2);
const OVERSIZE = new Uint8Array(MAX_FRAME_BYTES + 1);

/** The code and text of the last goodbye. */
function byeTo(peer: ScriptedPeer): { code: number; reason: string } {
  const { code = 0, reason = '' } = peer.ofType('bye').at(-1) ?? {};
  return { code, reason };
}

describe('handshake-first', () => {
  const early = sampleMessages().filter(({ type }) => type !== 'hello' && type !== 'bye');

  it.each(early.map((message) => [message.type, message] as const))(
    'handshake-first: %s before hello: disconnected with the reason',
    (type, message) => {
      const { network, node } = oneNode();
      const before = standing(node);
      const other = new ScriptedPeer(network, node).hello(genesis);
      const peer = new ScriptedPeer(network, node).send(message);
      untilClosed(network, peer);
      expect(byeTo(peer)).toEqual({ code: BYE.misbehaviour, reason: `sent ${type} before hello` });
      expect(other.closedBecause).toBeNull();
      expectUnchanged(network, node, before);
    },
  );

  it('handshake-first: silence for 10 s: disconnected with the reason, not a moment earlier', () => {
    const { network, node } = oneNode();
    const peer = new ScriptedPeer(network, node);
    network.runFor(9_990);
    expect(peer.closedBecause).toBeNull();
    network.runFor(20);
    expect(byeTo(peer)).toEqual({ code: BYE.timeout, reason: 'no hello within 10 s' });
  });

  it.each<[string, (own: Hello) => Partial<Hello>, number, RegExp]>([
    ['wrong network', () => ({ genesisHash: 'ab'.repeat(32) }), BYE.wrongNetwork, /^another network: genesis abab/],
    ['wrong version', () => ({ version: 1 }), BYE.wrongVersion, /version 1, this node version 2$/],
    ['own nonce', ({ nonce }) => ({ nonce }), BYE.selfConnection, /^connected to itself$/],
  ])('handshake-first: %s: disconnected with the reason', (_, wrong, code, reason) => {
    const { network, node } = oneNode();
    const peer = new ScriptedPeer(network, node);
    const own = peer.ofType('hello')[0] as Hello;
    peer.hello(genesis, wrong(own));
    untilClosed(network, peer);
    expect(byeTo(peer)).toEqual({ code, reason: expect.stringMatching(reason) });
    expect(node.core.peers()).toEqual([]);
  });

  it('handshake-first: a second hello: disconnected with the reason', () => {
    const { network, node } = oneNode();
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    peer.hello(genesis);
    untilClosed(network, peer);
    expect(byeTo(peer)).toEqual({ code: BYE.misbehaviour, reason: 'sent a second hello' });
  });
});

describe('bad-frames', () => {
  let live: LiveNode;
  let other: RawPeer;

  beforeAll(async () => {
    live = await startLiveNode();
    other = (await RawPeer.connect(live.url)).send(regtestHello());
    await live.api.untilPeers(1);
  });

  afterAll(() => live.stop());

  /** Another peer is still there, and a new block reaches it. */
  async function otherIsUnaffected(): Promise<void> {
    const blocks = new Promise<void>((resolve) => {
      other.socket.on('message', (data: Buffer) => data[0] === COMPACT_BLOCK && resolve());
    });
    await live.api.query('mutation { mine { __typename } }');
    await blocks;
  }

  it.each<[string, number, string, (peer: RawPeer) => void]>([
    ['text', BYE.misbehaviour, 'text frame', (peer) => peer.socket.send('hello')],
    ['unknown', BYE.misbehaviour, 'malformed message: unknown message kind 200', (peer) => peer.send(UNKNOWN)],
    ['empty', BYE.misbehaviour, 'malformed message: ', (peer) => peer.send(new Uint8Array())],
    // These are seen below the protocol, where WebSocket has codes of its own.
    ['oversize', 1009, `frame of more than ${MAX_FRAME_BYTES} bytes`, (peer) => peer.send(OVERSIZE)],
    [
      'fragment flood',
      1008,
      'frame in too many fragments',
      (peer) => {
        for (let i = 0; i < 100; i++) peer.socket.send(Uint8Array.of(i), { fin: false });
      },
    ],
  ])('bad-frames: %s: closed; other peers unaffected', async (_, code, reason, send) => {
    const tip = await live.api.tip();
    const peer = (await RawPeer.connect(live.url)).send(regtestHello());
    await live.api.untilPeers(2);
    send(peer);
    const end = await peer.ended;
    expect(end.code).toBe(code);
    if (code === BYE.misbehaviour) expect(end.bye).toContain(reason);
    expect(live.log()).toContain(reason);
    expect(await live.api.tip()).toBe(tip);
    await otherIsUnaffected();
    expect(other.socket.readyState).toBe(other.socket.OPEN);
  });
});

describe('list-limits', () => {
  const repeat = <T>(value: T, count: number): T[] => Array.from({ length: count }, () => value);
  const hash = 'cd'.repeat(32);
  const transfer = transferAt(genesis, alice, bob.address, { fee: FEE });
  const long = mineChain(genesis, 2_001);
  const headers = pathTo(long).map(({ block }) => block.header);
  const shortBlock = mineBlock(genesis, { transfers: [transfer] }).block;
  const compact = (count: number): Message => ({
    ...makeCompactBlock(shortBlock, 1n, () => false),
    shortIds: Array.from({ length: count }, (_, i) => i),
  });

  it.each<[string, number, (count: number) => Message]>([
    ['headers', 2_000, (count) => ({ type: 'headers', headers: headers.slice(0, count) })],
    ['locator hashes', 101, (count) => ({ type: 'getHeaders', locator: repeat(hash, count), stop: hash })],
    ['inv', 1_000, (count) => ({ type: 'inv', txids: repeat(hash, count) })],
    ['getTransactions', 1_000, (count) => ({ type: 'getTransactions', txids: repeat(hash, count) })],
    ['transactions', 1_000, (count) => ({ type: 'transactions', transactions: repeat(transfer, count) })],
    ['notFound', 1_000, (count) => ({ type: 'notFound', what: 'block', hashes: repeat(hash, count) })],
    ['getBlocks', 128, (count) => ({ type: 'getBlocks', blockHashes: repeat(hash, count) })],
    ['addresses', 1_000, (count) => ({ type: 'addresses', urls: repeat('http://127.0.0.1:1', count) })],
    ['short ids', MAX_BLOCK_TRANSFERS, compact],
    [
      'blockTransactions',
      MAX_BLOCK_TRANSFERS,
      (count) => ({ type: 'blockTransactions', blockHash: hash, transactions: repeat(transfer, count) }),
    ],
  ])('list-limits: %s: cap of %d exactly fine, one more punished', (_, cap, make) => {
    const { network, node } = oneNode({ verify: () => true });
    // Time for a chain of two thousand blocks.
    network.runFor(30_000_000);
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    peer.send(make(cap));
    network.runFor(500);
    expect(peer.closedBecause).toBeNull();
    const before = standing(node);
    peer.send(make(cap + 1));
    expect(untilClosed(network, peer)).toMatch(/^malformed message: (list of|compact block of)/);
    expect(byeTo(peer).code).toBe(BYE.misbehaviour);
    expect(standing(node)).toEqual(before);
  });

  it('list-limits: positions of transactions in a block', () => {
    const { network, node } = oneNode();
    const peer = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    const positions = Array.from({ length: MAX_BLOCK_TRANSFERS }, (_, i) => i);
    peer.send({ type: 'getBlockTransactions', blockHash: hash, positions });
    network.runFor(100);
    expect(peer.ofType('notFound').at(-1)).toEqual({ type: 'notFound', what: 'block', hashes: [hash] });
    peer.send({ type: 'getBlockTransactions', blockHash: hash, positions: [...positions, MAX_BLOCK_TRANSFERS] });
    expect(untilClosed(network, peer)).toContain(`list of ${MAX_BLOCK_TRANSFERS + 1}`);
  });
});

describe('invalid-transaction-peer', () => {
  const good = transferAt(genesis, alice, bob.address, { fee: FEE });
  const twisted = (change: Partial<Transfer>): Transfer => encodeTransfer({ ...good, ...change });

  it.each<[string, Transfer]>([
    ['bad-signature', twisted({ amount: 2n })],
    ['bad-signature', twisted({ signature: new Uint8Array(64).fill(0xff) })],
    ['bad-public-key', twisted({ senderKey: `01${'00'.repeat(31)}` })],
    ['wrong-network', twisted({ networkId: '00000000' })],
    ['memo-too-long', twisted({ memo: new Uint8Array(257) })],
  ])('invalid-transaction-peer punished: %s', (code, transfer) => {
    const { network, node } = oneNode();
    submit(network, node, transferAt(genesis, carol, bob.address, { fee: FEE }));
    const before = standing(node);
    const [honest, liar] = [1, 2].map(() => new ScriptedPeer(network, node).hello(genesis)) as [
      ScriptedPeer,
      ScriptedPeer,
    ];
    network.runFor(100);
    liar.send({ type: 'transactions', transactions: [transfer] });
    expect(untilClosed(network, liar)).toMatch(new RegExp(`^${code}: `));
    expect(byeTo(liar).code).toBe(BYE.misbehaviour);
    expect(honest.closedBecause).toBeNull();
    expectUnchanged(network, node, before);
  });

  it('invalid-transaction-peer: what came before the invalid one in a message is taken', () => {
    const { network, node } = oneNode();
    const liar = new ScriptedPeer(network, node).hello(genesis);
    network.runFor(100);
    liar.send({
      type: 'transactions',
      transactions: [good, transferAt(genesis, carol, bob.address), twisted({ amount: 2n })],
    });
    untilClosed(network, liar);
    expect(node.core.mempool.get(good.txid)?.state).toBe('ready');
  });

  it.each<[string, Transfer]>([
    ['fee-too-low', transferAt(genesis, alice, bob.address, { fee: 1n, nonce: 1n })],
    ['nonce-too-far', transferAt(genesis, alice, bob.address, { fee: FEE, nonce: 80n })],
    ['replacement-fee-too-low', transferAt(genesis, alice, bob.address, { fee: FEE, amount: 3n })],
    ['insufficient-balance', transferAt(genesis, carol, bob.address, { fee: FEE, amount: 2n ** 60n })],
    ['wrong-nonce', transferAt(genesis, bob, bob.address, { fee: FEE })],
  ])('invalid-transaction-peer: policy refusals and races are not punished: %s', (code, transfer) => {
    const { network, node } = oneNode();
    const confirmed = mineBlock(genesis, { transfers: [transferAt(genesis, bob, alice.address)] });
    const peer = new ScriptedPeer(network, node).hello(confirmed);
    network.runFor(500);
    expect(submit(network, node, good)).toBe('accepted');
    const before = standing(node);
    peer.send({ type: 'transactions', transactions: [transfer] });
    network.runFor(500);
    expect(node.logs.filter(({ message }) => message === 'transaction refused').map(({ fields }) => fields)).toEqual([
      expect.objectContaining({ code, txid: transfer.txid }),
    ]);
    expect(peer.closedBecause).toBeNull();
    expectUnchanged(network, node, before);
  });
});
