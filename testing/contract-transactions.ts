import { encodeValue } from '../consensus/contract/encoding.ts';
import { MAX_CALL_GAS } from '../consensus/contract/limits.ts';
import type { Value } from '../consensus/contract/value.ts';
import type { Call, Deploy } from '../consensus/contract-transaction.ts';
import type { Network } from '../consensus/genesis.ts';
import { concatBytes, utf8ToBytes } from '../consensus/hex.ts';
import type { KeyPair } from '../consensus/keys.ts';
import { signCallWith, signDeployWith } from '../consensus/signature.ts';
import type { AccountReader } from '../consensus/state.ts';
import { nativeSigner } from '../server/graphql/native-signer.ts';

/** Where a transaction is to go: only its network and its sender's nonce are looked at. */
interface Here {
  readonly params: Pick<Network, 'networkId'>;
  readonly state: AccountReader;
}

interface ContractOptions {
  readonly nonce?: bigint;
  readonly amount?: bigint;
  readonly fee?: bigint;
  readonly gas?: number;
}

/** More than any contract's transaction must pay. */
const AMPLE_FEE = 1_000_000n;

/** A signed deploy. The default nonce is the sender's at `point`, so that it can be in the next block. */
export function deployAt(
  point: Here,
  from: KeyPair,
  source: string | Uint8Array,
  args: readonly Value[] = [],
  options: ContractOptions = {},
): Deploy {
  const bytes = typeof source === 'string' ? utf8ToBytes(source) : source;
  return signDeployWith({ ...fieldsAt(point, from, args, options), source: bytes }, nativeSigner(from));
}

/** A signed call; its nonce as that of {@link deployAt}. */
export function callAt(
  point: Here,
  from: KeyPair,
  { contract }: { readonly contract: string },
  method: string,
  args: readonly Value[] = [],
  options: ContractOptions = {},
): Call {
  const fields = fieldsAt(point, from, args, options);
  return signCallWith({ ...fields, contract, method: utf8ToBytes(method) }, nativeSigner(from));
}

/** Encoded arguments, one after the other. */
export function encodedArgs(args: readonly Value[]): Uint8Array {
  return concatBytes(...args.map((value) => encodeValue(value)));
}

function fieldsAt({ params, state }: Here, from: KeyPair, args: readonly Value[], options: ContractOptions) {
  const nonce = state.account(from.address)?.nonce ?? 0n;
  const { networkId } = params;
  return { networkId, nonce, amount: 0n, fee: AMPLE_FEE, gas: MAX_CALL_GAS, ...options, args: encodedArgs(args) };
}
