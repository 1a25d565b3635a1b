/** Why the core does not do what a local caller asked for. */
export interface Refused {
  readonly code: string;
  /** The reason in words, for people. */
  readonly message: string;
}

/** Whether there is a refusal instead of a result. */
export function isRefused<T extends object>(outcome: T | Refused): outcome is Refused {
  return 'code' in outcome && 'message' in outcome;
}
