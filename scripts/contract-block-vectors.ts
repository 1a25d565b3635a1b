import { ed25519 } from '@noble/curves/ed25519.js';
import type { BlockContext } from '../consensus/block-context.ts';
import { effectOf } from '../consensus/connect.ts';
import { encodeValue } from '../consensus/contract/encoding.ts';
import { slotKey } from '../consensus/contract/slot-path.ts';
import { AddressValue, type ScalarValue } from '../consensus/contract/value.ts';
import { DEVELOPMENT_ACCOUNTS } from '../consensus/development-accounts.ts';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '../consensus/hex.ts';
import { developmentKeyPair, type KeyPair } from '../consensus/keys.ts';
import { REGTEST } from '../consensus/networks.ts';
import { RECEIPTS_KEY, receiptLeaf, receiptsHashOf, receiptsRoot } from '../consensus/receipt.ts';
import { sha256 } from '../consensus/sha256.ts';
import { type Signer, signCallWith, signDeployWith, signTransferWith } from '../consensus/signature.ts';
import type { Account } from '../consensus/state.ts';
import { accountLeaf, EMPTY_ROOT, stateProof, updateStateTree } from '../consensus/state-tree.ts';
import { subsidyAt } from '../consensus/subsidy.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { encodeUndo } from '../consensus/undo.ts';
import { MemoryState } from '../protocol/memory-state.ts';

const [alice, bob, carol] = DEVELOPMENT_ACCOUNTS.slice(0, 3).map(developmentKeyPair) as [KeyPair, KeyPair, KeyPair];
const MINER = 'ee'.repeat(20);
const STRANGER = '12'.repeat(20);
const HEIGHT = 1;
const CONTEXT: BlockContext = { height: HEIGHT, medianTimePast: 1_767_225_600, blockHash: () => REGTEST.genesis.hash };

const SOURCE = `import { type Address, chain, require, Table } from 'forklore/contract';
export class Till {
  sales = 0;
  notes = new Table<number, string>('');
  constructor(sales: number) { require(chain.value > 0n, 'a till opens with coins'); this.sales = sales; }
  sell(note: string): number {
    this.notes.set(this.sales, note);
    this.sales += 1;
    chain.emit('Sold', chain.caller, chain.value, note);
    return this.sales;
  }
  clear(index: number): void { this.notes.delete(index); }
  pay(to: Address, amount: bigint): void { chain.pay(to, amount); }
  refuse(): void { this.sales = 99; require(false, 'on purpose'); }
}
`;

const COMMON = { networkId: REGTEST.networkId, nonce: 0n, amount: 0n, fee: 1_000n };

function signerOf({ publicKey, secretKey }: KeyPair): Signer {
  return { publicKey, sign: (message) => ed25519.sign(message, secretKey) };
}

function argsOf(...values: ScalarValue[]): Uint8Array {
  return concatBytes(...values.map((value) => encodeValue(value)));
}

/** A deploy, a payment to its contract, calls of all outcomes, and a deploy that does not compile; all of one block. */
function transactionsOfBlock(): SignedTransaction[] {
  const source = utf8ToBytes(SOURCE);
  const deploy = signDeployWith({ ...COMMON, amount: 50n, gas: 100_000, source, args: argsOf(7) }, signerOf(alice));
  const { contract } = deploy;
  const call = (from: KeyPair, nonce: bigint, method: string, args: Uint8Array, amount = 0n) =>
    signCallWith(
      { ...COMMON, nonce, amount, gas: 60_000, contract, method: utf8ToBytes(method), args },
      signerOf(from),
    );
  const paid = { ...COMMON, recipient: contract, amount: 10n, memo: new Uint8Array() };
  const broken = { gas: 20_000, source: utf8ToBytes('export class Till { open('), args: new Uint8Array() };
  return [
    deploy,
    signTransferWith(paid, signerOf(bob)),
    call(bob, 1n, 'sell', argsOf('로어'), 3n),
    call(carol, 0n, 'sell', argsOf('second'), 4n),
    call(carol, 1n, 'refuse', argsOf()),
    call(carol, 2n, 'clear', argsOf(7)),
    call(alice, 1n, 'pay', argsOf(new AddressValue(STRANGER), 20n)),
    signDeployWith({ ...COMMON, nonce: 2n, ...broken }, signerOf(alice)),
  ];
}

function stateBefore(): MemoryState {
  const accounts = new Map([alice, bob, carol].map(({ address }) => [address, { balance: 1_000_000n, nonce: 0n }]));
  const { root, added, removed } = updateStateTree({ stateNode: () => undefined }, EMPTY_ROOT, accounts);
  const state = new MemoryState();
  const nodes = { nodesAdded: added, nodesRemoved: removed };
  state.apply({ stateRoot: root, accounts, slots: new Map(), codes: new Map(), ...nodes });
  return state;
}

function accountsOf(accounts: ReadonlyMap<string, Account | undefined>) {
  const sorted = [...accounts].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([address, account]) => ({ address, account: account ?? null }));
}

function slotsOf(slots: ReadonlyMap<string, ReadonlyMap<string, Uint8Array | undefined>>) {
  return [...slots].flatMap(([contract, values]) => {
    const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
    return sorted.map(([path, value]) => ({ contract, path, value: value ?? null }));
  });
}

/** Proofs of the contract's account, of its slots, of one that is absent, and of the receipts. */
function proofsOf(state: MemoryState, contract: string) {
  const account = state.account(contract);
  const storageRoot = account?.contract?.storageRoot ?? EMPTY_ROOT;
  const proofOf = (what: string, root: string, key: Uint8Array, valueHash: Uint8Array | undefined) => {
    return { what, root, key, valueHash: valueHash ?? null, proof: stateProof(state, root, key) };
  };
  const slots = [...(state.slots.get(contract) ?? [])];
  const leaf = accountLeaf(contract, account);
  return [
    proofOf('the contract', state.stateRoot, leaf.key, leaf.valueHash),
    ...slots.map(([path, value]) => proofOf(`slot ${path}`, storageRoot, slotKey(contract, path), sha256(value))),
    proofOf('no slot', storageRoot, slotKey(contract, '0161'), undefined),
    proofOf('the receipts', state.stateRoot, RECEIPTS_KEY, hexToBytes(receiptsHashOf(state) ?? '')),
  ];
}

/** The vectors of a whole block with contracts, and of what it is made of. */
export function contractBlockVectors() {
  const state = stateBefore();
  const before = { stateRoot: state.stateRoot, accounts: accountsOf(state.accounts) };
  const transactions = transactionsOfBlock();
  const reward = transactions.reduce((sum, { fee }) => sum + fee, subsidyAt(HEIGHT, REGTEST));
  const { change, undo, receipts } = effectOf(transactions, { recipient: MINER, reward }, state, CONTEXT);
  state.apply(change);
  const leaves = receipts.map(({ txid, bytes }) => receiptLeaf(txid, bytes));
  const after = {
    stateRoot: state.stateRoot,
    accounts: accountsOf(state.accounts),
    slots: slotsOf(state.slots),
    codes: [...state.codes].map(([codeHash, source]) => ({ codeHash, source })),
    receiptsHash: receiptsHashOf(state),
  };
  const [deploy] = transactions;
  const proofs = proofsOf(state, deploy?.kind === 'deploy' ? deploy.contract : '');
  return {
    transactions,
    receipts: {
      key: bytesToHex(RECEIPTS_KEY),
      receipts: receipts.map(({ txid, receipt, bytes }, i) => ({ txid, receipt, bytes, leaf: leaves[i] })),
      trees: leaves.map((_, i) => ({ count: i + 1, root: receiptsRoot(leaves.slice(0, i + 1)) })),
      receiptsHash: receiptsHashOf(state),
    },
    block: {
      networkId: REGTEST.networkId,
      height: HEIGHT,
      medianTimePast: CONTEXT.medianTimePast,
      recipient: MINER,
      reward,
      before,
      transactions: transactions.map(({ raw }) => raw),
      receipts: receipts.map(({ txid, bytes }) => ({ txid, bytes })),
      after,
      proofs,
    },
    undo: {
      stateRoot: undo.stateRoot,
      accounts: accountsOf(undo.accounts),
      slots: slotsOf(undo.slots),
      newCodes: undo.newCodes,
      receiptsHash: undo.receiptsHash,
      bytes: encodeUndo(undo),
    },
  };
}
