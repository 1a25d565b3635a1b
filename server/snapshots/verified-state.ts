import { decodeBlock } from '../../consensus/block.ts';
import { DecodeError } from '../../consensus/codec.ts';
import { InvariantError, RuleError } from '../../consensus/errors.ts';
import type { Network } from '../../consensus/genesis.ts';
import { blockHash } from '../../consensus/header.ts';
import { signatureCheckOf } from '../../consensus/signature.ts';
import { checkTransactionSanity, decodeTransaction, type SignedTransaction } from '../../consensus/transaction.ts';
import { MAX_PENDING } from '../../protocol/policy.ts';
import { MAX_CLOCK_MS } from '../node/node-clock.ts';
import type { NodeState } from '../node/node-state.ts';
import { CopiedRows, RowCopyError } from '../store/copied-rows.ts';
import { Rebuild } from '../store/rebuild.ts';
import { decodeHeaderRecord, decodeJournalEntry, hashOfHeaderKey, hashOfKey, headerKey } from '../store/records.ts';
import { Store } from '../store/store.ts';
import { StoreError } from '../store/store-error.ts';
import type { VerifySignatures } from '../store/verify-signatures.ts';
import { STATE_TABLES, type StateFile, StateFileError, shownName } from './state-file.ts';

const MS_PER_SECOND = 1_000;

/**
 * The states of a file that anybody may have written, rebuilt from its blocks by every rule: nothing of the file reaches a
 * store but blocks, pending transactions with valid signatures, and what is only shown. Throws {@link StateFileError}.
 */
export async function verifiedStates(
  file: StateFile,
  params: Network,
  verify: VerifySignatures,
): Promise<readonly NodeState[]> {
  if (file.genesisHash !== params.genesis.hash) {
    const [theirs, ours] = [
      `${shownName(file.network)} (genesis ${file.genesisHash})`,
      `${params.name} (genesis ${params.genesis.hash})`,
    ];
    throw new StateFileError(`it is of network ${theirs}, and this node's is ${ours}`);
  }
  const firstMs = params.genesisTime * MS_PER_SECOND;
  if (file.states.some(({ wallMs }) => wallMs < firstMs)) {
    throw new StateFileError('the clock of a node in it stands before the genesis block of its network');
  }
  const states: NodeState[] = [];
  for (const state of file.states) states.push(await verified(state, params, verify));
  return states;
}

async function verified(state: NodeState, params: Network, verify: VerifySignatures): Promise<NodeState> {
  const store = await Store.open({ directory: null, params });
  try {
    const source = new CopiedRows(state.rows, STATE_TABLES);
    checkChainRows(source);
    const pending = journaled(source, params);
    const valid = await verify(pending.map(signatureCheckOf));
    const forged = pending.find((_, index) => !valid[index]);
    if (forged) throw new StateFileError(`pending transaction ${forged.txid} is not signed by its sender's key`);
    const rebuild = new Rebuild(source, store, { directory: store.directory, params, verify });
    await rebuild.readBlocks();
    await rebuild.connectBest();
    rebuild.finish();
    const { tip, dropped } = rebuild.report();
    if (tip !== state.tipHash) {
      const why = dropped[0] ? `; ${dropped[0]}` : '';
      throw new StateFileError(`its blocks lead to tip ${tip}, not to ${state.tipHash}${why}`);
    }
    return { ...state, height: store.height, rows: store.copyRows() };
  } catch (error) {
    throw isOfContent(error) ? new StateFileError(`its content is damaged: ${error.message}`) : error;
  } finally {
    await store.close();
  }
}

/** Each row is under the key that its content gives. */
function checkChainRows(source: CopiedRows): void {
  for (const key of source.keys('headers')) {
    const value = source.value('headers', key);
    const hash = hashOfHeaderKey(key);
    const { header, height, firstSeenMs } = decodeHeaderRecord(hash, value ?? new Uint8Array());
    if (blockHash(header) !== hash || !headerKey(height, hash).equals(key))
      throw new RowCopyError(`header ${hash} is under a wrong key`);
    if (firstSeenMs > MAX_CLOCK_MS)
      throw new RowCopyError(`header ${hash} was first seen after every clock's last time`);
  }
  for (const key of source.keys('bodies')) {
    const { hash } = decodeBlock(source.value('bodies', key) ?? new Uint8Array());
    if (hash !== hashOfKey(key)) throw new RowCopyError(`block ${hash} is under a wrong key`);
  }
}

function journaled(source: CopiedRows, params: Network): SignedTransaction[] {
  const keys = source.keys('journal');
  if (keys.length > MAX_PENDING) throw new RowCopyError(`it has more than ${MAX_PENDING} pending transactions`);
  return keys.map((key) => {
    const { txid, raw } = decodeJournalEntry(hashOfKey(key), source.value('journal', key) ?? new Uint8Array());
    const transaction = decodeTransaction(raw);
    if (transaction.kind === 'coinbase' || transaction.txid !== txid)
      throw new RowCopyError(`pending transaction ${txid} is another one`);
    checkTransactionSanity(transaction, params);
    return transaction;
  });
}

/** Errors that bytes can cause: what reads a store calls them damage, or takes them for a fault of its own. */
function isOfContent(error: unknown): error is Error {
  if (error instanceof StoreError) return error.code === 'damaged';
  return [DecodeError, RuleError, RowCopyError, InvariantError, RangeError].some((kind) => error instanceof kind);
}
