import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../consensus/signature-encoding.ts';
import { isValidSignature } from './native-signature.ts';
import type { VerificationTask, VerificationTaskResult } from './verification-task-types.ts';

/** Verifies a batch of Ed25519 signatures, strictly. */
export default function verifyBatch(task: VerificationTask): VerificationTaskResult {
  const valid = new Uint8Array(task.messageEnds.length);
  let messageStart = 0;
  for (const [i, messageEnd] of task.messageEnds.entries()) {
    const publicKey = task.publicKeys.subarray(i * PUBLIC_KEY_BYTES, (i + 1) * PUBLIC_KEY_BYTES);
    const signature = task.signatures.subarray(i * SIGNATURE_BYTES, (i + 1) * SIGNATURE_BYTES);
    const message = task.messages.subarray(messageStart, messageEnd);
    valid[i] = isValidSignature({ publicKey, message, signature }) ? 1 : 0;
    messageStart = messageEnd;
  }
  return valid;
}
