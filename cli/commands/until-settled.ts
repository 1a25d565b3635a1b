import { printable } from '../../consensus/quotable.ts';
import { OR_NULL, type Shape, type Shaped } from '../asking/answer-shape.ts';
import type { NodeAddress } from '../asking/node-client.ts';
import { openNodeSocket } from '../asking/node-socket.ts';
import { CommandError } from '../cli-errors.ts';
import { formatDuration, type Terminal } from '../output/output.ts';
import { ownCommand } from '../own-command.ts';

const SUBSCRIPTION = `subscription ($id: Hash!) {
  transactionStatus(id: $id) { status statusReason block { hash height } }
}`;
/** How often the waiting time is drawn anew. */
const REDRAW_MS = 500;

const SETTLED = {
  status: 'text',
  statusReason: 'text?',
  block: { ...OR_NULL, hash: 'text', height: 'number' },
} as const satisfies Shape;

/** What became of a transaction. */
export type SettledTransaction = Shaped<typeof SETTLED>;

/** Waits until a transaction is confirmed. Throws `CommandError` when it is dropped or the node is lost. */
export async function untilSettled(node: NodeAddress, txid: string, terminal: Terminal): Promise<SettledTransaction> {
  const socket = openNodeSocket(node);
  const progress = terminal.progressLine();
  const startMs = Date.now();
  let status = 'pending';
  const draw = () => progress.update(`${status} for ${formatDuration((Date.now() - startMs) / 1000)}`);
  const timer = setInterval(draw, REDRAW_MS);
  try {
    const updates = socket.stream(SUBSCRIPTION, { transactionStatus: SETTLED }, { id: txid });
    for await (const { transactionStatus: transaction } of updates) {
      status = printable(transaction.status.toLowerCase());
      if (transaction.status === 'CONFIRMED') return transaction;
      if (transaction.status === 'DROPPED') {
        throw new CommandError(
          `the transaction was dropped: ${printable(transaction.statusReason ?? 'no reason given')}`,
        );
      }
    }
    throw new CommandError(`the node stopped watching the transaction; ask again with: ${ownCommand('tx', txid)}`);
  } finally {
    clearInterval(timer);
    progress.clear();
    await socket.close();
  }
}
