/**
 * Why a node is not there: an option is wrong (`bad-option`); it could not start (`start-failed`); a call took too long
 * (`timeout`) or was given up (`aborted`); or the node has ended (`ended`).
 */
export type NodeErrorCode = 'bad-option' | 'start-failed' | 'timeout' | 'aborted' | 'ended';

/** A node could not be started, or is no longer there. The message says what to do. */
export class NodeError extends Error {
  readonly code: NodeErrorCode;
  /** The last lines that the node has logged. */
  readonly log: readonly string[];

  constructor(code: NodeErrorCode, message: string, { log = [], cause }: NodeErrorDetails = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'NodeError';
    this.code = code;
    this.log = log;
  }
}

/** Further facts about a {@link NodeError}. */
export interface NodeErrorDetails {
  readonly log?: readonly string[];
  readonly cause?: unknown;
}
