import type { ResultOf } from '../../client/graphql.ts';
import { NodeSocket, SOCKET_LIMITS } from '../../client/node-socket.ts';
import { MiningModeQuery, TransactionStatusSubscription } from '../../client/operation-documents.ts';
import { printable } from '../../consensus/quotable.ts';
import { CommandError } from '../cli-errors.ts';
import { formatDuration, type Terminal } from '../output/output.ts';
import { ownCommand } from '../own-command.ts';
import type { NodeSession } from './client-context.ts';

/** How often the waiting time is redrawn. */
const REDRAW_MS = 500;

type Followed = ResultOf<typeof TransactionStatusSubscription>['transactionStatus'];

/**
 * Follows the status of a transaction until it is confirmed. Unlike the waits of the client it does not reconnect: whoever
 * watches the terminal wants to hear that the node is gone, and that nothing happens until somebody mines. Throws `CommandError` when the transaction is dropped,
 * `ClientError` when the node is lost.
 */
export async function untilSettled({ transport }: NodeSession, txid: string, terminal: Terminal): Promise<Followed> {
  const { miner } = await transport.query(MiningModeQuery, {});
  if (miner.mode === 'OFF') {
    terminal.printError(`waits for a block; this node mines none by itself, but does with: ${ownCommand('mine')}`);
  }
  const socket = new NodeSocket(transport, { ...SOCKET_LIMITS, isLazy: true });
  const progress = terminal.progressLine();
  const startMs = Date.now();
  let status = 'pending';
  const draw = () => progress.update(`${status} for ${formatDuration((Date.now() - startMs) / 1000)}`);
  const timer = setInterval(draw, REDRAW_MS);
  try {
    return await new Promise((resolve, reject) => {
      const next = ({ transactionStatus: transaction }: { transactionStatus: Followed }) => {
        status = printable(transaction.status.toLowerCase());
        if (transaction.status === 'CONFIRMED') resolve(transaction);
        const reason = printable(transaction.statusReason ?? 'no reason given');
        if (transaction.status === 'DROPPED') reject(new CommandError(`the transaction was dropped: ${reason}`));
      };
      const advice = `ask again with: ${ownCommand('tx', txid)}`;
      const complete = () => reject(new CommandError(`the node stopped watching the transaction; ${advice}`));
      socket.subscribe(TransactionStatusSubscription, { id: txid }, { next, error: reject, complete });
    });
  } finally {
    clearInterval(timer);
    progress.clear();
    await socket.close();
  }
}
