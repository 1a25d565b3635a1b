import { quotableLines } from '../../consensus/quotable.ts';
import type { Reply } from '../../protocol/effects.ts';
import { builder } from './builder.ts';
import type { OperationFailure } from './submit.ts';

/** What every mutation that controls the node answers when it fails. */
export const OperationFailedRef = builder.objectRef<OperationFailure>('OperationFailed').implement({
  description: 'The operation failed and changed nothing.',
  fields: (t) => ({
    code: t.exposeString('code', {
      description:
        'For `connectPeer`: `connect-failed`, `refused`, `refused-by-peer`, `self-connection`, `too-many-peers`. For `disconnectPeer`: `unknown-peer`. For `setLinkConditions` and `clearLinkConditions`: `unknown-peer`, `unnamed-peer`; for the first also `too-many-links`. For `invalidateBlock` and `reconsiderBlock`: `unknown-block`, `genesis-block`. For `dropTransaction`: `unknown-transaction`, `busy`. For development controls: `controls-off`. For `takeSnapshot`: `too-many-snapshots`, `busy`. For `revertToSnapshot`: `unknown-snapshot`, `has-peers`. For `dropSnapshot`: `unknown-snapshot`. For `increaseTime`, `setTime` and `setNextBlockTime`: `time-out-of-range`; for the last also `time-too-old`. For all: `shutting-down`, and `reverted` where the node went back to a snapshot meanwhile.',
    }),
    message: t.exposeString('message', { description: 'The reason in words, for people. Programs use `code`.' }),
  }),
});

/** A refusal of the core, as the API tells it. */
export function failureOf(reply: Extract<Reply, { ok: false }>): OperationFailure {
  // A peer's own words may be in it.
  return { code: reply.code, message: quotableLines(reply.message) };
}
