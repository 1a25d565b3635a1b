import { CONTRACT_BUGS } from './contract-bugs.ts';
import type { PlantedBug } from './planted-bug.ts';

/** Bugs that nodes could have, and that mostly other nodes have had. The simulator has to find them. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  // Rules of blocks that are not checked.
  {
    name: 'the median time is not checked',
    file: 'consensus/header.ts',
    find: 'if (header.time <= context.medianTimePast) {',
    replace: 'if (header.time < 0) {',
  },
  {
    name: 'a time beyond the future limit is taken',
    file: 'consensus/header.ts',
    find: 'if (header.time > nowSeconds + params.futureLimitSeconds) {',
    replace: 'if (header.time < 0) {',
  },
  {
    name: 'the difficulty bits are not checked',
    file: 'consensus/header.ts',
    find: 'if (header.bits !== context.requiredBits) {',
    replace: 'if (header.bits < 0) {',
  },
  {
    name: 'the Merkle root is not checked',
    file: 'consensus/block.ts',
    find: 'if (header.merkleRoot !== root)',
    replace: 'if (header.merkleRoot.length < root.length)',
  },
  {
    name: 'the height of the coinbase is not checked',
    file: 'consensus/block.ts',
    find: 'if (coinbase.height !== height) {',
    replace: 'if (coinbase.height < 0) {',
  },
  {
    name: 'the length of the coinbase tag is not checked',
    file: 'consensus/transaction.ts',
    find: 'if (transaction.tag.length > MAX_TAG_BYTES) {',
    replace: 'if (transaction.tag.length < 0) {',
  },
  {
    name: 'the reward is not checked',
    file: 'consensus/connect.ts',
    find: 'if (coinbase.reward !== reward) {',
    replace: 'if (coinbase.reward < 0n) {',
  },
  {
    name: 'the reward may be less than is due',
    file: 'consensus/connect.ts',
    find: 'if (coinbase.reward !== reward) {',
    replace: 'if (coinbase.reward > reward) {',
  },
  {
    name: 'nonces of transactions in blocks are not checked',
    file: 'consensus/block-execution.ts',
    find: 'if (nonce !== account.nonce) {',
    replace: 'if (nonce < 0n) {',
  },
  {
    name: 'balances are not checked in blocks',
    file: 'consensus/block-execution.ts',
    find: 'if (cost > account.balance) {',
    replace: 'if (cost < 0n) {',
  },
  {
    name: 'a balance is checked against the amount, without the fee',
    file: 'consensus/block-execution.ts',
    find: 'if (cost > account.balance) {',
    replace: 'if (amount > account.balance) {',
  },
  {
    name: 'the state root is not checked',
    file: 'consensus/connect.ts',
    find: 'if (stateRoot !== change.stateRoot) {',
    replace: 'if (stateRoot.length < change.stateRoot.length) {',
  },
  {
    name: 'signatures in blocks are not verified',
    file: 'protocol/verifier.ts',
    find: 'return transactions.filter(({ txid }) => !this.#verified.has(txid));',
    replace: 'return transactions.filter(() => this.#verified.size < 0);',
  },
  // Rules that are computed wrongly, by all nodes alike.
  {
    name: 'the subsidy halves one block late',
    file: 'consensus/subsidy.ts',
    find: 'BigInt(Math.floor(height / params.halvingInterval));',
    replace: 'BigInt(Math.floor((height - 1) / params.halvingInterval));',
  },
  {
    name: 'the clock of the difficulty goes back with a block that does',
    file: 'consensus/difficulty.ts',
    find: 'Math.max(parent.clock, time - params.genesisTime)',
    replace: 'Math.max(0, time - params.genesisTime)',
  },
  {
    name: 'the coinbase is paid before the transactions are executed',
    file: 'consensus/connect.ts',
    find: '    this.#waiting = executed === undefined ? transactions.reverse() : [];',
    replace:
      '    this.#execution.state.credit(coinbase.recipient, reward);\n    this.#block = { ...block, transactions: [{ ...coinbase, reward: 0n }] };\n    this.#waiting = transactions.reverse();',
  },
  {
    name: 'the undo record has the accounts as they are after the block',
    file: 'consensus/block-seal.ts',
    find: '      accounts: accountsBefore,',
    replace: '      accounts: new Map(accountsBefore).set(coinbase.recipient, accounts.get(coinbase.recipient)),',
  },
  // The best chain.
  {
    name: 'a mutated body makes the block invalid for good',
    file: 'consensus/errors.ts',
    find: "  'bad-merkle-root': {\n    stage: 'sanity',\n    ...PUNISH_SENDER_ONLY,",
    replace: "  'bad-merkle-root': {\n    stage: 'sanity',\n    ...PUNISH,",
  },
  {
    name: 'the longest chain wins, not the one with the most work',
    file: 'protocol/header-index.ts',
    find: 'return a.chainWork > b.chainWork || (a.chainWork === b.chainWork && a.arrival < b.arrival);',
    replace: 'return a.height > b.height || (a.height === b.height && a.arrival < b.arrival);',
  },
  {
    name: 'of equal branches the later one wins',
    file: 'protocol/header-index.ts',
    find: '(a.chainWork === b.chainWork && a.arrival < b.arrival)',
    replace: '(a.chainWork === b.chainWork && a.arrival > b.arrival)',
  },
  {
    name: 'arrivals are counted from zero after a restart',
    file: 'protocol/header-index.ts',
    find: 'this.#arrivals = Math.max(this.#arrivals, record.arrival);',
    replace: 'this.#arrivals = Math.max(this.#arrivals, 1);',
  },
  {
    name: 'a body whose ancestors are missing counts as whole',
    file: 'protocol/header-index.ts',
    find: 'if ((entry.parent?.record.arrival ?? 0) === 0) return [];',
    replace: 'if ((entry.parent?.record.arrival ?? 0) < 0) return [];',
  },
  {
    name: 'children of a body that closes a gap are forgotten',
    file: 'protocol/header-index.ts',
    find: 'connectable.push(...this.childrenOf(next).filter((child) => child.record.bodyBytes > 0));',
    replace: 'connectable.push(...this.childrenOf(next).filter((child) => child.record.bodyBytes < 0));',
  },
  {
    name: 'descendants of an invalid block count as valid',
    file: 'protocol/header-index.ts',
    find: 'return entry.parent?.failure ?? null;',
    replace: 'return entry.parent === null ? null : null;',
  },
  {
    name: 'reconsidering a block leaves its descendants ruled out',
    file: 'protocol/chain.ts',
    find: 'for (let walk: BlockEntry | null = entry; walk?.failure; walk = walk.parent) ancestors.push(walk);',
    replace: 'for (let walk = entry.parent; walk?.failure; walk = walk.parent) ancestors.push(walk);',
  },
  {
    name: 'ruling a block out is not written down',
    file: 'protocol/chain.ts',
    find: "this.index.setValidity(entry, 'operator-invalid', null);\n    this.#persist([{ kind: 'header', record: entry.record }]);",
    replace: "this.index.setValidity(entry, 'operator-invalid', null);",
  },
  {
    name: 'a second block of one step sees the state before the first',
    file: 'protocol/state-overlay.ts',
    find: 'return this.#accounts.has(address) ? this.#accounts.get(address) : this.#base.account(address);',
    replace: 'return this.#base.account(address);',
  },
  // Transactions.
  {
    name: 'transactions of disconnected blocks do not come back to the mempool',
    file: 'protocol/chain-follower.ts',
    find: 'return mempool.onChainChange(confirmed, change.returned, touched);',
    replace: 'return mempool.onChainChange(confirmed, [], touched);',
  },
  {
    name: 'transactions of disconnected blocks are not written to the journal',
    file: 'protocol/chain.ts',
    find: 'height: entry.record.height, change, returned }]);',
    replace: 'height: entry.record.height, change, returned: [] }]);',
  },
  {
    name: 'an accepted transaction is not written to the journal',
    file: 'protocol/mempool.ts',
    find: "    this.#dropped.delete(txid);\n    this.#writes.push({ kind: 'journal-put', entry: journalEntryOf(entry) });",
    replace: '    this.#dropped.delete(txid);',
  },
  {
    name: 'a dropped transaction stays in the journal',
    file: 'protocol/mempool.ts',
    find: "this.#writes.push({ kind: 'journal-delete', txid });",
    replace: '',
  },
  {
    name: 'a transaction is acknowledged before it is written',
    file: 'protocol/transaction-pipeline.ts',
    find: "    this.#mempool.flushJournal();\n    this.#context.emit({\n      type: 'reply',",
    replace: "    this.#context.emit({\n      type: 'reply',",
  },
  {
    name: 'the host answers before it flushes',
    file: 'protocol/outbox.ts',
    find: "else if (effect.type !== 'send') this.#held.push(effect);",
    replace:
      "else if (effect.type === 'reply') atOnce.push(effect);\n      else if (effect.type !== 'send') this.#held.push(effect);",
  },
  {
    name: 'a question overtakes what the peer is told before it',
    file: 'protocol/outbox.ts',
    find: 'else if (effect.isQuestion && !this.#heldPeers.has(effect.peer)) atOnce.push(effect);',
    replace: 'else if (effect.isQuestion) atOnce.push(effect);',
  },
  {
    name: 'confirmed transactions stay in the mempool',
    file: 'protocol/mempool.ts',
    find: "if (entry && entry.transaction.txid === transaction.txid) this.#remove(entry, 'confirmed', '');",
    replace: 'if (entry && entry.transaction.txid === transaction.txid) this.#dropped.delete(transaction.txid);',
  },
  {
    name: 'senders of confirmed transactions are not looked at again',
    file: 'protocol/chain-follower.ts',
    find: 'touched.add(transaction.sender);',
    replace: '',
    isSeldom: true,
  },
  {
    name: 'signatures of submitted transactions are not verified',
    file: 'protocol/transaction-pipeline.ts',
    find: 'if (!valid) this.#refuse(request, badSignature(decoded));',
    replace: 'if (valid === undefined) this.#refuse(request, badSignature(decoded));',
  },
  {
    name: 'who submits a transaction a second time is not answered',
    file: 'protocol/transaction-pipeline.ts',
    find: '    const refusal = this.#mempool.add(transaction, { unbroadcast: true });\n',
    replace:
      '    if (this.#mempool.has(transaction.txid)) return;\n    const refusal = this.#mempool.add(transaction, { unbroadcast: true });\n',
  },
  {
    name: 'what the own template has executed is taken for any block on the tip',
    file: 'protocol/template-builder.ts',
    find: 'if (!areSame(build.execution.transactions, signedTransactionsOf(block))) return undefined;',
    replace: 'signedTransactionsOf(block);',
  },
  {
    name: 'what leaves the mempool is counted as if it stayed',
    file: 'protocol/mempool.ts',
    find: 'this.#usageOf(entry.state).subtract(entry);',
    replace: '',
  },
  {
    name: 'a template leaves the fees to nobody',
    file: 'protocol/template.ts',
    find: 'const reward = subsidyAt(height, params) + fees;',
    replace: 'const reward = subsidyAt(height, params) + (fees > 0n ? 0n : fees);',
  },
  {
    name: 'subscribers are not told what was replaced',
    file: 'protocol/mempool.ts',
    find: 'else this.#removed.push({ txid, reason });',
    replace: "else if (reason !== 'replaced') this.#removed.push({ txid, reason });",
  },
  {
    name: 'subscribers are told of a reorg from the wrong end',
    file: 'protocol/chain-follower.ts',
    find: 'disconnected: disconnected.map((entry) => entry.record.hash),',
    replace: 'disconnected: disconnected.map((entry) => entry.record.hash).reverse(),',
  },
  // Peers.
  {
    name: 'a peer is punished for a transaction that the policy refuses',
    file: 'protocol/transaction-pipeline.ts',
    find: 'if (refusal) this.#logRefusal(peer, transaction, refusal);',
    replace: 'if (refusal) this.#peers.punish(peer, refusal.message);',
  },
  {
    name: 'a peer is punished for a time that is too new',
    file: 'consensus/errors.ts',
    find: "  'time-too-new': {\n    stage: 'context',\n    ...NOT_NOW,",
    replace: "  'time-too-new': {\n    stage: 'context',\n    ...PUNISH,",
  },
  {
    name: 'a peer is punished for a block whose parent is unknown',
    file: 'protocol/header-sync.ts',
    find: '    peer.unconnectingHeaders++;\n    if (',
    replace:
      "    peer.unconnectingHeaders++;\n    this.#peers.punish(peer, 'a block that builds on nothing');\n    if (",
  },
  {
    name: 'a peer that does not answer for headers is waited for without end',
    file: 'protocol/header-sync.ts',
    find: '    peer.awaitingHeaders = false;\n    peer.slowHeaders = true;',
    replace: '    peer.slowHeaders = true;',
    isSeldom: true,
  },
  {
    name: 'a peer that holds back a body is waited for without end',
    file: 'protocol/block-download.ts',
    find: '(this.#dueMs(entry) ?? Infinity) <= now',
    replace: '(this.#dueMs(entry) ?? Infinity) < 0',
  },
  {
    name: 'those who hold a body back are asked for it again, and nobody else',
    file: 'protocol/block-download.ts',
    find: 'if (!peer.best || this.#requests.lacks(peer, hash)) return false;',
    replace:
      'if (!peer.best || (this.#requests.copies(hash) > 0 && !this.#requests.hasFailed(peer, hash))) return false;',
    faults: { 'withholding-peers': 1 },
  },
  {
    name: 'while an announcer of a block is asked for what is missing, what others announce is thrown away',
    file: 'protocol/block-relay.ts',
    find: 'if (this.#isWanted(entry) && !this.#reconstructions.has(hash, peer.id)) this.#fill(peer, entry, compact);',
    replace:
      'if (this.#isWanted(entry) && this.#download.peersAsked(hash).length === 0) this.#fill(peer, entry, compact);',
    faults: { 'silent-block-announcer': 1 },
  },
  {
    name: 'a node that nobody gives bodies says for ever that it fetches them',
    file: 'protocol/sync-progress.ts',
    find: 'const isStalled = this.#context.now.monotonicMs - needed.sinceMs >= STALLED_AFTER_MS;',
    replace: 'const isStalled = needed.sinceMs < 0;',
    faults: { 'body-withholder': 1 },
  },
  {
    name: 'headers that are too early are not asked for again',
    file: 'protocol/header-sync.ts',
    find: '    this.#early.set(peer.id, {',
    replace: '    if (height < 0) this.#early.set(peer.id, {',
    faults: { 'clock-put-right': 1 },
  },
  {
    name: 'who is told to stay away by an operator calls again',
    file: 'protocol/connections.ts',
    find: "if (code === BYE.operator) this.#part(peer, 'them');",
    replace: '',
    faults: { operators: 1 },
  },
  {
    name: 'callers may take the places of connections that the node opens itself',
    file: 'protocol/connections.ts',
    find: "const limit = Math.min(MAX_INBOUND, MAX_PEERS - this.#peers.count('outbound'));",
    replace: 'const limit = MAX_PEERS;',
  },
  {
    name: 'a peer is asked again at once for headers that cannot be taken yet',
    file: 'protocol/header-sync.ts',
    find: 'if (start !== earlier.at(-1)) notePeerHas(peer, start);',
    replace: '',
    isSeldom: true,
  },
  {
    name: 'an alarm that rings late keeps one that is needed sooner from being set',
    file: 'protocol/event-context.ts',
    find: 'this.#dueMs.set(alarm, Math.min(atMs, this.#dueMs.get(alarm) ?? atMs));',
    replace: 'this.#dueMs.set(alarm, this.#dueMs.get(alarm) ?? atMs);',
    isSeldom: true,
  },
  {
    name: 'what was wanted of a peer is kept when it has gone',
    file: 'protocol/transaction-relay.ts',
    find: '    this.#wanted.delete(peer.id);\n    this.#reassign(asked);',
    replace: '    this.#reassign(asked);',
    isSeldom: true,
  },
  {
    name: 'headers that are too early are kept when their peer has gone',
    file: 'protocol/header-sync.ts',
    find: '    this.#early.delete(peer.id);\n',
    replace: '',
  },
  {
    name: 'a choice is made by a randomness that no seed decides',
    file: 'protocol/transaction-relay.ts',
    find: 'randomBelow(this.#context.random, ANNOUNCE_JITTER_MS)',
    replace: 'Math.random() * ANNOUNCE_JITTER_MS',
    needsSecondRun: true,
  },
  ...CONTRACT_BUGS,
];
