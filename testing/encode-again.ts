import { encodeCall, encodeDeploy } from '../consensus/contract-transaction.ts';
import { encodeCoinbase, encodeTransfer, type Transaction } from '../consensus/transaction.ts';

/** Writes a transaction again from its fields. */
export function encodeAgain(transaction: Transaction): Transaction {
  switch (transaction.kind) {
    case 'coinbase':
      return encodeCoinbase(transaction);
    case 'transfer':
      return encodeTransfer(transaction);
    case 'deploy':
      return encodeDeploy(transaction);
    case 'call':
      return encodeCall(transaction);
  }
}
