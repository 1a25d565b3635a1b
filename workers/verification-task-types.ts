/** A batch of signatures to verify. The fields of the checks stand side by side, so that a batch is four plain arrays. */
export interface VerificationTask {
  /** 32 bytes a check. */
  readonly publicKeys: Uint8Array;
  /** 64 bytes a check. */
  readonly signatures: Uint8Array;
  /** All messages, one after another. */
  readonly messages: Uint8Array;
  /** Where the message of each check ends in `messages`. */
  readonly messageEnds: Uint32Array;
}

/** One byte a check: 1 when its signature is valid, else 0. */
export type VerificationTaskResult = Uint8Array;
