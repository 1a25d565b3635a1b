import type { Address } from '../consensus/address.ts';
import { encodeValue } from '../consensus/contract/encoding.ts';
import type { ScalarValue } from '../consensus/contract/value.ts';
import { DEVELOPMENT_ACCOUNTS } from '../consensus/development-accounts.ts';
import { assertInvariant } from '../consensus/errors.ts';
import { concatBytes, utf8ToBytes } from '../consensus/hex.ts';
import { developmentKeyPair, type KeyPair } from '../consensus/keys.ts';
import { type Signer, signCallWith, signDeployWith, signTransferWith } from '../consensus/signature.ts';
import type { SignedTransaction } from '../consensus/transaction.ts';
import { transactionWeight } from '../consensus/weight.ts';
import { type Draw, SAMPLE_CONTRACTS, type SampleContract, type SampleMethod } from './sample-contracts.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Simulation } from './simulation.ts';

/** A transaction has not more bytes than this besides source and arguments. */
const MAX_FIXED_BYTES = 256;
/** Gas that the encoding of a source costs for each byte, and bytes that each counts more. */
const SOURCE_BYTE_GAS = 20;
const SOURCE_EXTRA_BYTES = 200;
/** Gas that a transaction gets for what it does: with the least, some run out of it. */
const MIN_GAS = 8_000;
const MAX_GAS = 160_000;
const MAX_COINS = 2_00000000;
const MAX_FEE_FACTOR = 20;
/** How many carry coins that are not taken, or none where they are, or call a contract without the method. */
const ODD_SHARE = 0.05;
/** Where no contract is. */
const NOBODY = '5c'.repeat(20);
/** Kinds of transactions, with their shares in percent. */
const KINDS = [
  ['call', 62],
  ['deploy', 16],
  ['payment', 8],
  ['replacement', 5],
  ['no-contract', 3],
  ['bad-arguments', 2],
  ['bad-source', 2],
  ['little-gas', 2],
] as const;
type Kind = (typeof KINDS)[number][0];

interface KnownContract {
  readonly address: Address;
  readonly sample: SampleContract;
}

/** Who sends something, and with which nonce. */
interface From {
  readonly signer: Signer;
  readonly networkId: string;
  readonly nonce: bigint;
}

/** Deploys contracts, calls them and pays them, as clients do: some calls fail, some contracts are not there. */
export class ContractSource {
  readonly #simulation: Simulation;
  readonly #random: SeededRandom;
  /** Deployed by this source, with success or not, on any branch. */
  readonly #known: KnownContract[] = [];

  constructor(simulation: Simulation, random: SeededRandom) {
    this.#simulation = simulation;
    this.#random = random;
  }

  /** The next transaction of a client that sees the chain and mempool of this node. */
  next(node: SimulatedNode): SignedTransaction {
    const keys = this.#keys();
    const { nonce } = node.core.mempool.pendingAccount(keys.address);
    const { crypto, params } = this.#simulation;
    const from = { signer: crypto.signer(keys.secretKey), networkId: params.networkId, nonce };
    const known = this.#random.pick(this.#known);
    if (!known) return this.#deploy(from);
    switch (this.#drawKind()) {
      case 'call':
        return this.#call(from, known);
      case 'deploy':
        return this.#deploy(from);
      case 'payment':
        return this.#pay(from, known.address);
      // Of something that is pending, or was confirmed already.
      case 'replacement':
        return this.#call({ ...from, nonce: nonce > 0n ? nonce - 1n : 0n }, known, { feeFactor: 2n });
      case 'no-contract':
        return this.#call(from, { ...known, address: NOBODY });
      case 'bad-arguments':
        return this.#call(from, known, { args: this.#random.bytes(this.#random.below(20)) });
      case 'bad-source':
        return this.#deploy(from, utf8ToBytes('export class Broken { count = ; }'));
      case 'little-gas':
        return this.#call(from, known, { gas: this.#random.below(2_000) });
    }
  }

  #drawKind(): Kind {
    let left = this.#random.fraction() * 100;
    for (const [kind, share] of KINDS) {
      left -= share;
      if (left < 0) return kind;
    }
    return 'call';
  }

  #deploy(from: From, badSource?: Uint8Array): SignedTransaction {
    const sample = this.#random.pick(SAMPLE_CONTRACTS);
    assertInvariant(sample !== undefined, 'there are samples');
    const source = badSource ?? utf8ToBytes(sample.source);
    const args = encoded(sample.deploy.args(this.#draw()));
    const bytes = MAX_FIXED_BYTES + source.length + args.length;
    const gas = bytes + SOURCE_BYTE_GAS * (source.length + SOURCE_EXTRA_BYTES) + this.#drawGas();
    const fields = { amount: this.#drawCoins(sample.deploy), fee: this.#drawFee(bytes, gas), gas, source, args };
    const { signer, ...others } = from;
    const deploy = signDeployWith({ ...others, ...fields }, signer);
    if (!badSource) this.#known.push({ address: deploy.contract, sample });
    return deploy;
  }

  #call(
    from: From,
    { address, sample }: KnownContract,
    changes: { args?: Uint8Array; gas?: number; feeFactor?: bigint } = {},
  ): SignedTransaction {
    const method = this.#random.pick(sample.methods);
    assertInvariant(method !== undefined, 'a sample has methods');
    const args = changes.args ?? encoded(method.args(this.#draw()));
    const bytes = MAX_FIXED_BYTES + args.length;
    const gas = changes.gas ?? bytes + this.#drawGas();
    const fee = this.#drawFee(bytes, gas) * (changes.feeFactor ?? 1n);
    const fields = {
      contract: address,
      method: utf8ToBytes(method.name),
      amount: this.#drawCoins(method),
      fee,
      gas,
      args,
    };
    const { signer, ...others } = from;
    return signCallWith({ ...others, ...fields }, signer);
  }

  #pay({ signer, ...others }: From, recipient: Address): SignedTransaction {
    const amount = BigInt(this.#random.below(MAX_COINS));
    const fields = { recipient, amount, fee: this.#drawFee(MAX_FIXED_BYTES, 0), memo: new Uint8Array() };
    return signTransferWith({ ...others, ...fields }, signer);
  }

  #draw(): Draw {
    const contract = (method?: string): Address => {
      const wanted = this.#known.filter(({ sample }) => sample.methods.some(({ name }) => name === method));
      const from = wanted.length > 0 && !this.#random.chance(ODD_SHARE) ? wanted : this.#known;
      return this.#random.pick(from)?.address ?? NOBODY;
    };
    const account = (): Address => (this.#random.chance(0.5) ? this.#keys().address : contract());
    return { random: this.#random, account, contract };
  }

  #keys(): KeyPair {
    const account = this.#random.pick(DEVELOPMENT_ACCOUNTS);
    assertInvariant(account !== undefined, 'there are development accounts');
    return developmentKeyPair(account);
  }

  #drawGas(): number {
    return MIN_GAS + this.#random.below(MAX_GAS - MIN_GAS);
  }

  #drawCoins({ takesCoins = false }: Omit<SampleMethod, 'name'>): bigint {
    const carries = this.#random.chance(takesCoins ? 1 - ODD_SHARE : ODD_SHARE);
    return carries ? BigInt(this.#random.below(MAX_COINS)) : 0n;
  }

  #drawFee(bytes: number, gas: number): bigint {
    return BigInt(transactionWeight(bytes, gas) * (1 + this.#random.below(MAX_FEE_FACTOR)));
  }
}

function encoded(values: readonly ScalarValue[]): Uint8Array {
  return concatBytes(...values.map((value) => encodeValue(value)));
}
