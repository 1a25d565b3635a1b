import { DecodeError } from '../consensus/codec.ts';
import { RuleError } from '../consensus/errors.ts';
import type { Hash } from '../consensus/hash.ts';
import type { NetworkParams } from '../consensus/params.ts';
import { signatureCheckOf } from '../consensus/signature.ts';
import { checkTransactionSanity, decodeTransaction, type Transfer } from '../consensus/transaction.ts';
import type { RequestId } from './events.ts';
import type { Mempool } from './mempool.ts';
import type { Peer } from './peer.ts';
import { peerName } from './peer.ts';
import type { Peers } from './peers.ts';
import type { Refusal } from './policy.ts';
import type { Turn } from './turn.ts';
import type { Verifier } from './verifier.ts';

/** The one way into the mempool, for callers and peers alike, so that they can never be judged differently. */
export class TransactionPipeline {
  readonly #turn: Turn;
  readonly #params: NetworkParams;
  readonly #verifier: Verifier;
  readonly #mempool: Mempool;
  readonly #peers: Peers;

  constructor(turn: Turn, params: NetworkParams, verifier: Verifier, mempool: Mempool, peers: Peers) {
    this.#turn = turn;
    this.#params = params;
    this.#verifier = verifier;
    this.#mempool = mempool;
    this.#peers = peers;
  }

  /** A local caller's bytes. The reply comes when the transaction is durable, or tells why it is not. */
  submit(request: RequestId, raw: Uint8Array): void {
    const decoded = this.#decode(raw);
    if ('code' in decoded) {
      this.#refuse(request, decoded);
      return;
    }
    const error = this.#insane(decoded);
    if (error) {
      this.#refuse(request, { code: error.code, message: error.detail });
      return;
    }
    this.#verifier.verify([signatureCheckOf(decoded)], ([valid]) => {
      const refusal = valid ? this.#mempool.add(decoded, { unbroadcast: true }) : badSignature(decoded);
      if (refusal) {
        this.#refuse(request, refusal);
        return;
      }
      this.#mempool.flushJournal();
      this.#turn.emit({ type: 'reply', request, reply: { ok: true, value: { kind: 'accepted', txid: decoded.txid } } });
    });
  }

  /**
   * Transactions that a peer sent. A malformed or wrongly signed one is a provable fault; what the account or the
   * policy refuses may be a race, and is not.
   */
  receive(peer: Peer, transfers: readonly Transfer[], done: (accepted: readonly Hash[]) => void): void {
    const fresh = transfers.filter((transfer) => !this.#mempool.has(transfer.txid));
    for (const transfer of fresh) {
      const error = this.#insane(transfer);
      if (error) {
        this.#peers.punish(peer, error.message);
        return;
      }
    }
    this.#verifier.verify(fresh.map(signatureCheckOf), (valid) => {
      const accepted: Hash[] = [];
      for (const [i, transfer] of fresh.entries()) {
        if (!valid[i]) {
          this.#peers.punish(peer, badSignature(transfer).message);
          break;
        }
        const refusal = this.#mempool.add(transfer, { unbroadcast: false });
        if (refusal) this.#logRefusal(peer, transfer, refusal);
        else accepted.push(transfer.txid);
      }
      done(accepted);
    });
  }

  #decode(raw: Uint8Array): Transfer | { code: 'malformed' | 'not-a-transfer'; message: string } {
    try {
      const transaction = decodeTransaction(raw);
      if (transaction.kind === 'transfer') return transaction;
      return { code: 'not-a-transfer', message: 'a coinbase is made by mining and cannot be submitted' };
    } catch (error) {
      if (error instanceof DecodeError) return { code: 'malformed', message: error.message };
      throw error;
    }
  }

  #insane(transfer: Transfer): RuleError | null {
    try {
      checkTransactionSanity(transfer, this.#params);
      return null;
    } catch (error) {
      if (error instanceof RuleError) return error;
      throw error;
    }
  }

  #refuse(request: RequestId, { code, message }: { code: string; message: string }): void {
    this.#turn.emit({ type: 'reply', request, reply: { ok: false, code, message } });
  }

  #logRefusal(peer: Peer, transfer: Transfer, refusal: Refusal): void {
    const fields = { txid: transfer.txid, peer: peerName(peer), code: refusal.code };
    this.#turn.emit({ type: 'log', level: 'debug', message: 'transaction refused', fields });
  }
}

function badSignature(transfer: Transfer): Refusal {
  return { code: 'bad-signature', message: `transaction ${transfer.txid} is not signed by its sender's key` };
}
