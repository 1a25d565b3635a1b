import type { Address } from '../address.ts';
import { concatBytes, hexToBytes, utf8ToBytes } from '../hex.ts';

/** Stands before every message that `verify` checks, so that a signature of one is none of a transaction. */
const MESSAGE_DOMAIN = utf8ToBytes('forklore/message/v1');

/** What is signed where a contract is to `verify` a message: it is for one network, and for this contract alone. */
export function signedMessageBytes(networkId: Uint8Array, contract: Address, message: string): Uint8Array {
  return concatBytes(MESSAGE_DOMAIN, networkId, hexToBytes(contract), utf8ToBytes(message));
}
