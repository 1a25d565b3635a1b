import type { Machine } from './machine.ts';
import type { SlotObserver } from './storage.ts';

/**
 * Watches an execution and changes nothing of it: what runs, and what it costs, is the same with and without one. Nothing of
 * an ordinary execution is slower for it.
 */
export interface ExecutionObserver extends SlotObserver {
  /** The instruction at `machine.next` is about to run. */
  onInstruction(machine: Machine): void;
  /** It has run, or trapped. */
  onInstructionEnd(machine: Machine, hasTrapped: boolean): void;
  /** The outermost method has returned: what is charged from now on is for result and slots that are kept. */
  onReturn(machine: Machine): void;
}
