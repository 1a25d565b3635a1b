import { onAbort } from './abort-listener.ts';
import { abortionOf, ClientError, isPassing } from './client-error.ts';
import { NodeSocket, SOCKET_LIMITS } from './node-socket.ts';
import type { NodeTransport } from './node-transport.ts';
import { PlaceQuery, TransactionStatusSubscription } from './operation-documents.ts';
import { pause } from './pause.ts';
import type { SettledTransaction } from './types.ts';

/** How the wait is done. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called with each new status of the transaction. */
  readonly onStatus?: (status: string) => void;
  /** False: a lost connection ends the wait. */
  readonly reconnects: boolean;
}

/**
 * Waits until a transaction is confirmed or dropped. Every stream begins with the current status, so that nothing is
 * missed between two connections. What has never answered as a node is not tried again. Throws {@link ClientError}; `not-watched` is the code of a stream that the node ended
 * too early.
 */
export async function waitForTransaction(
  transport: NodeTransport,
  id: string,
  options: WaitOptions,
): Promise<SettledTransaction> {
  let wasNode = false;
  for (;;) {
    try {
      return await oneStream(transport, id, options);
    } catch (error) {
      if (!options.reconnects || !(error instanceof ClientError)) throw error;
      if (error.kind === 'unreachable') {
        // A WebSocket does not say whether nothing is there or something that is no node; HTTP does.
        if (!wasNode) await transport.query(PlaceQuery, {}, { signal: options.signal });
      } else if (error.kind !== 'lost' && error.code !== 'not-watched' && !isPassing(error)) throw error;
      wasNode = true;
    }
    await pause(options.signal);
  }
}

async function oneStream(
  transport: NodeTransport,
  id: string,
  { signal, onStatus }: WaitOptions,
): Promise<SettledTransaction> {
  const socket = new NodeSocket(transport, { ...SOCKET_LIMITS, isLazy: true });
  let forget = () => {};
  try {
    return await new Promise((resolve, reject) => {
      forget = onAbort(signal, () => reject(signal && abortionOf(signal)));
      socket.subscribe(
        TransactionStatusSubscription,
        { id },
        {
          next: ({ transactionStatus: transaction }) => {
            onStatus?.(transaction.status);
            if (transaction.status === 'CONFIRMED' || transaction.status === 'DROPPED') resolve(transaction);
          },
          error: reject,
          complete: () =>
            reject(new ClientError('failed', 'the node stopped watching the transaction', { code: 'not-watched' })),
        },
      );
    });
  } finally {
    forget();
    await socket.close();
  }
}
