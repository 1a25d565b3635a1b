import { builder } from './builder.ts';
import { NEEDS_CONTROL, refuseControl } from './development-controls.ts';
import { badInput } from './errors.ts';
import { OperationFailedRef } from './operation-failed.ts';

const TimeChanged = builder.objectRef<{ readonly nowMs: number }>('TimeChanged').implement({
  description: 'The time was set as asked for. Timeouts, expiry and intervals are not moved.',
  fields: (t) => ({
    now: t.field({
      type: 'DateTime',
      description: 'The wall clock of the node now.',
      resolve: ({ nowMs }) => new Date(nowMs),
    }),
  }),
});

const TimeResult = builder.unionType('TimeResult', {
  description: 'Result of `increaseTime`, `setTime` and `setNextBlockTime`.',
  types: [TimeChanged, OperationFailedRef],
  resolveType: (value) => ('nowMs' in value ? TimeChanged : OperationFailedRef),
});

builder.mutationFields((t) => ({
  increaseTime: t.field({
    type: TimeResult,
    description: `Moves the wall clock of the node forwards; it goes on from there. Blocks get later times from then on; nothing that is pending or waits becomes older. ${NEEDS_CONTROL}`,
    args: {
      seconds: t.arg.int({
        required: true,
        description: 'Seconds to add, 0 or more; negative ones are refused with BAD_INPUT.',
      }),
    },
    resolve: (_, { seconds }, context) => {
      const refusal = refuseControl(context);
      if (refusal) return refusal;
      if (seconds < 0) throw badInput('seconds', 'must be 0 or more; setTime can set the clock back');
      const outcome = context.node.controls.increaseTime(seconds);
      return outcome.ok ? { nowMs: outcome.value } : outcome;
    },
  }),
  setTime: t.field({
    type: TimeResult,
    description: `Sets the wall clock of the node, forwards or back; it goes on from there. The clock of a node whose chain is ahead of it mines blocks again once it is near enough. ${NEEDS_CONTROL}`,
    args: {
      at: t.arg({
        type: 'DateTime',
        required: true,
        description: 'The new time, from that of the genesis block to 2106-02-07T06:28:15Z, else `time-out-of-range`.',
      }),
    },
    resolve: (_, { at }, context) => {
      const refusal = refuseControl(context);
      if (refusal) return refusal;
      const outcome = context.node.controls.setTime(at.getTime());
      return outcome.ok ? { nowMs: outcome.value } : outcome;
    },
  }),
  setNextBlockTime: t.field({
    type: TimeResult,
    description: `Gives the next block that this node mines exactly this time, once. A time ahead of the wall clock of the node sets that clock as well; one that is not later than the median of the last 11 blocks is refused with \`time-too-old\`. ${NEEDS_CONTROL}`,
    args: {
      at: t.arg({
        type: 'DateTime',
        required: true,
        description: 'The time of the block; fractions of a second are cut off.',
      }),
    },
    resolve: async (_, { at }, context) => {
      const refusal = refuseControl(context);
      if (refusal) return refusal;
      const outcome = await context.node.controls.setNextBlockTime(at.getTime());
      return outcome.ok ? { nowMs: outcome.value } : outcome;
    },
  }),
}));
