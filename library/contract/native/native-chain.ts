import type { Address as RawAddress } from '../../../consensus/address.ts';
import type { BlockContext } from '../../../consensus/block-context.ts';
import { MAX_HASH_DEPTH } from '../../../consensus/contract/limits.ts';
import { signedMessageBytes } from '../../../consensus/contract/signed-message.ts';
import { Trap } from '../../../consensus/contract/trap.ts';
import { hexToBytes } from '../../../consensus/hex.ts';
import { REGTEST } from '../../../consensus/networks.ts';
import { verifySignature } from '../../../consensus/signature.ts';
import type { AccountReader, ContractReader } from '../../../consensus/state.ts';

/** What a native run reads: the state before its transaction, and the chain. */
export type NativeChain = AccountReader & Pick<ContractReader, 'slot'> & BlockContext;

const KEY = /^[0-9a-f]{64}$/;
const SIGNATURE = /^[0-9a-f]{128}$/;

/** `chain.hash`. */
export function blockHashAt(chain: NativeChain, height: number): string {
  if (height >= 0 && height < chain.height && height >= chain.height - MAX_HASH_DEPTH) return chain.blockHash(height);
  throw new Trap('no-block-hash', `${MAX_HASH_DEPTH}`, `${height}`);
}

/** `verify`. */
export function isSignedMessage(contract: RawAddress, key: string, message: string, signature: string): boolean {
  if (!KEY.test(key) || !SIGNATURE.test(signature)) return false;
  return verifySignature({
    publicKey: hexToBytes(key),
    message: signedMessageBytes(hexToBytes(REGTEST.networkId), contract, message),
    signature: hexToBytes(signature),
  });
}
