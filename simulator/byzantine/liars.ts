import { decodeBlock, encodeBlock } from '../../consensus/block.ts';
import type { BlockHeader } from '../../consensus/header.ts';
import { blockHash } from '../../consensus/header.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { encodeMessage, MESSAGE_KINDS, type Message } from '../../protocol/messages.ts';
import { meanWaitMs } from '../faults/fault.ts';
import { solveHeader } from '../solve.ts';
import { byIntruder, type Intruder } from './intruder.ts';

const MAX_WAIT_MS = 60_000;
const MIN_WAIT_MS = 6_000;
const SPAM_HEADERS = 50;
const FLOOD_MESSAGES = 5;
const ANNOUNCED_TXIDS = 50;
const POISONED_URLS = 60;
const GARBAGE_BYTES = 300;
/** From this number on nodes do not exist, so that nothing listens at their URLs. */
const DEAD_NODE = 40_000;

/** Repeats something while the intruder runs. */
function pester(intruder: Intruder, act: () => void): void {
  const { simulation, random, strength } = intruder;
  simulation.repeat(random, meanWaitMs(strength, MAX_WAIT_MS, MIN_WAIT_MS), () => {
    if (intruder.node.isRunning) act();
  });
}

/** Sends long chains of headers from the genesis block, with the least work that is allowed. */
export const headerSpammer = byIntruder('header-spammer', 0, (intruder) => {
  pester(intruder, () => {
    const { params } = intruder.simulation;
    const headers: BlockHeader[] = [];
    let prevHash = params.genesis.hash;
    let { time } = params.genesis.header;
    for (let i = 0; i < SPAM_HEADERS; i++) {
      time += 1 + intruder.random.below(params.spacingSeconds);
      const open = { version: 1, prevHash, merkleRoot: prevHash, time, bits: params.genesisBits, nonce: 0 };
      const header = { ...open, nonce: solveHeader(open, intruder.random.below(1_000)) };
      headers.push(header);
      prevHash = blockHash(header);
    }
    intruder.sendAll({ type: 'headers', headers });
  });
});

/** Mines and announces its blocks by headers, but withholds the bodies. */
export const bodyWithholder = byIntruder('body-withholder', 0.25, ({ node, simulation }) => {
  node.tamper = (_, bytes) => {
    const kind = bytes[0];
    if (kind === MESSAGE_KINDS.compactBlock) {
      simulation.statistics.recordFault('body-withholder');
      return [encodeMessage({ type: 'headers', headers: [node.core.chain.tip.record.header] })];
    }
    const isBody = kind === MESSAGE_KINDS.block || kind === MESSAGE_KINDS.blockTransactions;
    return isBody ? [] : [bytes];
  };
});

/** Sends honest headers with other bodies. */
export const bodyMutator = byIntruder('body-mutator', 0, (intruder) => {
  const { node, random, simulation } = intruder;
  node.tamper = (_, bytes) => {
    if (bytes[0] !== MESSAGE_KINDS.block) return [bytes];
    simulation.statistics.recordFault('body-mutator');
    const { header, transactions } = decodeBlock(bytes.subarray(1));
    const position = random.below(transactions.length);
    const mutated = random.chance(0.5)
      ? transactions.filter((_, i) => i !== position)
      : transactions.flatMap((transaction, i) => (i === position ? [transaction, transaction] : [transaction]));
    return [encodeMessage({ type: 'block', raw: encodeBlock(header, mutated).raw })];
  };
  // Unasked as well, before others have a chance to send the honest one.
  pester(intruder, () => {
    const { tip } = node.core.chain;
    const { header, transactions } = node.core.chain.readBlock(tip);
    const doubled = [...transactions, ...transactions.slice(-1)];
    intruder.sendAll({ type: 'block', raw: encodeBlock(header, doubled).raw });
  });
});

/** Sends blocks whose parent does not exist. */
export const orphanFlooder = byIntruder('orphan-flooder', 0, (intruder) => {
  pester(intruder, () => {
    for (let i = 0; i < FLOOD_MESSAGES; i++) {
      const prevHash = blockHash({ ...intruder.simulation.params.genesis.header, nonce: intruder.random.u32() });
      intruder.sendAll({ type: 'block', raw: intruder.forge({ header: { prevHash } }).raw });
    }
  });
});

/** Announces transactions that it never sends. */
export const silentAnnouncer = byIntruder('silent-announcer', 0, (intruder) => {
  intruder.node.tamper = (_, bytes) => (bytes[0] === MESSAGE_KINDS.transactions ? [] : [bytes]);
  pester(intruder, () => {
    const txids = Array.from({ length: ANNOUNCED_TXIDS }, () => bytesToHex(intruder.random.bytes(32)));
    const pending = [...intruder.node.core.mempool.transactions()].map(({ txid }) => txid);
    intruder.sendAll({ type: 'inv', txids: [...pending.slice(0, ANNOUNCED_TXIDS), ...txids] });
  });
});

/** Answers requests for addresses, and announces unasked, URLs at which nothing listens. */
export const addressPoisoner = byIntruder('address-poisoner', 0, (intruder) => {
  const { node, random, simulation } = intruder;
  const urls = Array.from({ length: POISONED_URLS }, (_, i) =>
    random.chance(0.02)
      ? simulation.network.urlOf(random.below(simulation.plan.nodes))
      : simulation.network.urlOf(DEAD_NODE + i),
  );
  node.tamper = (_, bytes) => {
    if (bytes[0] !== MESSAGE_KINDS.addresses) return [bytes];
    simulation.statistics.recordFault('address-poisoner');
    return [encodeMessage({ type: 'addresses', urls })];
  };
  pester(intruder, () => intruder.sendAll({ type: 'addresses', urls }));
});

/** Sends frames that are not messages, and messages that no node would send. */
export const garbageFramer = byIntruder('garbage-framer', 0, (intruder) => {
  const { random } = intruder;
  let heard: Uint8Array = new Uint8Array([1]);
  intruder.node.tamper = (_, bytes) => {
    heard = bytes;
    return [bytes];
  };
  const flipped = (): Uint8Array => {
    const bytes = new Uint8Array(heard);
    const position = random.below(bytes.length);
    bytes[position] = (bytes[position] ?? 0) ^ (1 << random.below(8));
    return bytes;
  };
  const garbage: (() => Uint8Array)[] = [
    () => random.bytes(random.below(GARBAGE_BYTES)),
    () => heard.subarray(0, random.below(heard.length + 1)),
    flipped,
    flipped,
    () => encodeMessage(nonsense(intruder)),
  ];
  pester(intruder, () => {
    for (const peer of intruder.peers()) intruder.sendBytes(peer, random.pick(garbage)?.() ?? heard);
  });
});

/** Well-formed, and of no use. */
function nonsense({ random }: Intruder): Message {
  const hash = bytesToHex(random.bytes(32));
  const messages: Message[] = [
    { type: 'getHeaders', locator: [hash], stop: hash },
    { type: 'getBlocks', blockHashes: [hash, hash] },
    { type: 'getTransactions', txids: [hash] },
    { type: 'getBlockTransactions', blockHash: hash, positions: [0, 7] },
    { type: 'blockTransactions', blockHash: hash, transactions: [] },
    { type: 'notFound', what: 'block', hashes: [hash] },
    { type: 'pong', nonce: 5n },
    { type: 'headers', headers: [] },
    { type: 'bye', code: 4_001, reason: 'go away' },
  ];
  return random.pick(messages) ?? { type: 'getAddresses' };
}
