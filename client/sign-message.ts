import { parseAddress } from '../consensus/address.ts';
import { DecodeError } from '../consensus/codec.ts';
import { signedMessageBytes } from '../consensus/contract/signed-message.ts';
import { bytesToHex, hexToBytes } from '../consensus/hex.ts';
import { signerOf } from '../consensus/signature.ts';
import { prefixOfAddress } from '../consensus/spending-rules.ts';
import { networkIdOf } from '../consensus/transaction-parts.ts';
import { readMessage } from './arguments.ts';
import { badArgument } from './read-fields.ts';
import type { MessageRequest } from './requests.ts';
import type { SignedMessage } from './types.ts';

/**
 * Signs a message that a contract checks by `verify`. The signature is for this network and this contract alone. Nothing is
 * asked and nothing is sent: who signs needs neither a node nor coins, and anybody can bring what was signed.
 * Throws `ClientError` `bad-argument`, and `AddressError`.
 */
export function signMessage(request: MessageRequest): SignedMessage {
  const { from, contract, message, genesisHash } = readMessage(request);
  const address = parseAddress(contract, prefixOfAddress(contract));
  const signer = signerOf(from.secretKey);
  const signature = signer.sign(bytesOf(hexToBytes(networkIdOf(genesisHash)), address, message));
  return { key: bytesToHex(signer.publicKey), message, signature: bytesToHex(signature) };
}

function bytesOf(...signed: Parameters<typeof signedMessageBytes>): Uint8Array {
  try {
    return signedMessageBytes(...signed);
  } catch (error) {
    throw error instanceof DecodeError ? badArgument('signMessage: message must be well-formed Unicode') : error;
  }
}
