import { DEVELOPMENT_ACCOUNTS } from '../../consensus/development-accounts.ts';
import { assertInvariant } from '../../consensus/errors.ts';
import { bytesToHex, utf8ToBytes } from '../../consensus/hex.ts';
import { developmentKeyPair, type KeyPair } from '../../consensus/keys.ts';
import { signCallWith, signDeployWith } from '../../consensus/signature.ts';
import type { SignedTransaction } from '../../consensus/transaction.ts';
import type { Intruder, Twist } from './intruder.ts';

const FEE = 1_000n;
const GAS = 100_000;
const MAX_CALL_GAS = 2_000_000;
const MAX_BLOCK_GAS = 10_000_000;
const MIN_SOURCE_BYTES = 16;
const MAX_SOURCE_BYTES = 16_384;
const MAX_ARGS_BYTES = 4_096;
const SOURCE = utf8ToBytes('export class Empty { nothing = 0; }');

/** What contracts need more than transfers: one way to break each rule that a block with valid work can break. */
export const CONTRACT_TWISTS: readonly ((intruder: Intruder) => Twist)[] = [
  (intruder) => ({ transactions: [call(intruder, { gas: 1 })] }),
  (intruder) => ({ transactions: [call(intruder, { gas: MAX_CALL_GAS + 1 })] }),
  (intruder) => ({ transactions: [call(intruder, { args: new Uint8Array(MAX_ARGS_BYTES + 1) })] }),
  (intruder) => ({ transactions: [deploy(intruder, new Uint8Array(MIN_SOURCE_BYTES - 1))] }),
  (intruder) => ({ transactions: [deploy(intruder, new Uint8Array(MAX_SOURCE_BYTES + 1), MAX_CALL_GAS)] }),
  (intruder) => {
    const count = MAX_BLOCK_GAS / MAX_CALL_GAS + 1;
    const from = sender(intruder);
    const transactions = Array.from({ length: count }, (_, i) => {
      return call(intruder, { from, later: BigInt(i), gas: MAX_CALL_GAS });
    });
    return { transactions };
  },
  (intruder) => ({
    transactions: [deploy(intruder, SOURCE)],
    coinbase: { stateRoot: bytesToHex(intruder.random.bytes(32)) },
  }),
  // Breaks none: no honest node takes a source that does not compile, but a block may hold it.
  (intruder) => ({ transactions: [deploy(intruder, utf8ToBytes('export class Broken { count = ; }'))] }),
];

interface CallOptions {
  readonly from?: KeyPair;
  /** Added to the nonce that the account needs. */
  readonly later?: bigint;
  readonly gas?: number;
  readonly args?: Uint8Array;
}

/** A call of a contract that is not there. */
function call(intruder: Intruder, options: CallOptions): SignedTransaction {
  const { from = sender(intruder), later = 0n, gas = GAS, args = new Uint8Array() } = options;
  const fields = { contract: '77'.repeat(20), method: utf8ToBytes('nothing'), args, amount: 0n, fee: FEE, gas };
  const { networkId } = intruder.simulation.params;
  const signer = intruder.simulation.crypto.signer(from.secretKey);
  return signCallWith({ networkId, nonce: nonceOf(intruder, from) + later, ...fields }, signer);
}

function deploy(intruder: Intruder, source: Uint8Array, gas = GAS): SignedTransaction {
  const from = sender(intruder);
  const { networkId } = intruder.simulation.params;
  const fields = { networkId, nonce: nonceOf(intruder, from), amount: 0n, fee: FEE, gas, source };
  return signDeployWith({ ...fields, args: new Uint8Array() }, intruder.simulation.crypto.signer(from.secretKey));
}

function sender({ random }: Intruder): KeyPair {
  const account = random.pick(DEVELOPMENT_ACCOUNTS);
  assertInvariant(account !== undefined, 'there are development accounts');
  return developmentKeyPair(account);
}

function nonceOf({ node }: Intruder, { address }: KeyPair): bigint {
  return node.store.account(address)?.nonce ?? 0n;
}
