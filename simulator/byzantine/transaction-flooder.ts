import { TransactionSource } from '../transaction-source.ts';
import { byIntruder } from './intruder.ts';

const MAX_WAIT_MS = 5_000;
const FLOOD = 25;

/** Floods all peers with transactions, valid and invalid. */
export const transactionFlooder = byIntruder('transaction-flooder', 0, (intruder) => {
  const { simulation, node, random, strength } = intruder;
  const source = new TransactionSource(simulation, random);
  simulation.repeat(random, MAX_WAIT_MS / (0.2 + strength), () => {
    if (!node.isRunning) return;
    const transactions = Array.from({ length: 1 + random.below(FLOOD * strength + 1) }, () => source.next(node));
    intruder.sendAll({ type: 'transactions', transactions });
  });
});
