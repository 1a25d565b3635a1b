import { ClientError } from '../../client/client-error.ts';
import type { SettledTransaction } from '../../client/types.ts';
import { waitForTransaction } from '../../client/wait-for-transaction.ts';
import { printable } from '../../consensus/quotable.ts';
import { CommandError } from '../cli-errors.ts';
import { formatDuration, type Terminal } from '../output/output.ts';
import { ownCommand } from '../own-command.ts';
import type { NodeSession } from './client-context.ts';

/** How often the waiting time is redrawn. */
const REDRAW_MS = 500;

/** Waits until a transaction is confirmed. Throws `CommandError` when it is dropped, `ClientError` when the node is lost. */
export async function untilSettled(
  { transport }: NodeSession,
  txid: string,
  terminal: Terminal,
): Promise<SettledTransaction> {
  const progress = terminal.progressLine();
  const startMs = Date.now();
  let status = 'pending';
  const draw = () => progress.update(`${status} for ${formatDuration((Date.now() - startMs) / 1000)}`);
  const timer = setInterval(draw, REDRAW_MS);
  try {
    const transaction = await waitForTransaction(transport, txid, {
      reconnects: false,
      onStatus: (now) => {
        status = printable(now.toLowerCase());
      },
    });
    if (transaction.status === 'CONFIRMED') return transaction;
    throw new CommandError(`the transaction was dropped: ${printable(transaction.statusReason ?? 'no reason given')}`);
  } catch (error) {
    if (!(error instanceof ClientError) || error.code !== 'not-watched') throw error;
    throw new CommandError(`the node stopped watching the transaction; ask again with: ${ownCommand('tx', txid)}`);
  } finally {
    clearInterval(timer);
    progress.clear();
  }
}
