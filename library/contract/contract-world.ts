import { ClientError } from '../../client/client-error.ts';
import { constructorOf } from '../../client/contract-program.ts';
import { momentOf } from '../../client/moment.ts';
import type { AccountOrAddress, Moment } from '../../client/requests.ts';
import { signMessage } from '../../client/sign-message.ts';
import type { SignedMessage } from '../../client/types.ts';
import { compileContract } from '../../consensus/contract/compile.ts';
import { SourceError } from '../../consensus/contract/source-error.ts';
import { DEVELOPMENT_ALLOCATIONS } from '../../consensus/development-accounts.ts';
import { isHash } from '../../consensus/hash.ts';
import { utf8ToBytes } from '../../consensus/hex.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { accountsOf } from '../development-accounts.ts';
import { CallFailedError } from './call-failed-error.ts';
import { ChainInMemory } from './chain-in-memory.ts';
import { contractHandle } from './contract-handle.ts';
import { outcomeOf, runOrder } from './run-order.ts';
import type { CallOutcome, DeployedContract, WorldAccounts, WorldDeploy, WorldOptions } from './types.ts';
import { accountOf, keysOf, shownAddress } from './world-parties.ts';

const DEFAULT_HEIGHT = 100;
/** 2030-01-01. */
const DEFAULT_TIME = new Date('2030-01-01');
const MS_PER_SECOND = 1_000;

/**
 * A chain in memory on which contracts run as a node runs them: fees, nonces, payments, events, gas and failures are those of
 * the network. Everything happens at once. Nothing is mined: height, time and block hashes are what the test sets.
 */
export class ContractWorld {
  /** The development accounts of regtest; each has 1,000 coins. */
  readonly accounts: WorldAccounts = accountsOf(REGTEST) as WorldAccounts;
  readonly #chain: ChainInMemory;

  constructor({ height = DEFAULT_HEIGHT, time = DEFAULT_TIME }: WorldOptions = {}) {
    this.#chain = new ChainInMemory(DEVELOPMENT_ALLOCATIONS, heightOf(height), secondsOf(time));
  }

  /** Height of the block that calls are in. */
  get height(): number {
    return this.#chain.height;
  }

  /** Throws `ClientError` `bad-argument` for what is no height. */
  set height(height: number) {
    this.#chain.height = heightOf(height);
  }

  /** What `chain.time` tells. */
  get time(): Date {
    return new Date(this.#chain.medianTimePast * MS_PER_SECOND);
  }

  /** Parts of seconds are left out. Throws `ClientError` `bad-argument` for what is no moment. */
  set time(time: Moment) {
    this.#chain.medianTimePast = secondsOf(time);
  }

  /** What `chain.hash` tells of a height: a hash that only the height decides, unless the test has set another. */
  blockHash(height: number): string {
    return this.#chain.blockHash(heightOf(height));
  }

  /** Sets what `chain.hash` tells of a height. Throws `ClientError` `bad-argument` for what is no hash of 64 hex digits. */
  setBlockHash(height: number, hash: string): void {
    if (!isHash(hash)) throw new ClientError('bad-argument', 'hash must have 64 hex digits in lower case');
    this.#chain.setBlockHash(heightOf(height), hash);
  }

  /** Base units that an account or a contract has. Throws `ClientError` `bad-argument` for what is none. */
  balanceOf(account: AccountOrAddress): bigint {
    return this.#chain.account(accountOf('account', account))?.balance ?? 0n;
  }

  /**
   * Puts a contract into the world. Throws {@link CallFailedError} for a source that does not compile, and for a constructor
   * that fails; `ClientError` `bad-argument` for arguments that it does not take.
   */
  deploy<Class>(request: WorldDeploy<Class>): DeployedContract<Class> {
    const { source, arguments: args = [], native: nativeClass, ...settings } = request;
    const bytes = utf8ToBytes(source);
    const program = compiled(bytes);
    const native = nativeClass && { program, nativeClass };
    const call = { target: { kind: 'deploy', source: bytes }, method: constructorOf(program), args, native } as const;
    const ran = runOrder(this.#chain, call, settings, 'keep');
    const contract = { address: ran.contract, program, chain: this.#chain };
    return contractHandle<Class>(contract, outcomeOf(ran, call.method) as CallOutcome<null>, { from: settings.from });
  }

  /**
   * Signs a message as `verify` wants it: for one contract, which alone can use it. Throws `ClientError` `bad-argument` for an
   * account whose key the world does not know.
   */
  sign(account: AccountOrAddress, contract: AccountOrAddress, message: string): SignedMessage {
    const from = keysOf('account', account);
    const genesisHash = REGTEST.genesis.hash;
    return signMessage({ from, contract: shownAddress(accountOf('contract', contract)), message, genesisHash });
  }
}

/** {@link ContractWorld}, at height 100 and at 2030-01-01 unless the options say otherwise. */
export function createContractWorld(options: WorldOptions = {}): ContractWorld {
  return new ContractWorld(options);
}

function compiled(source: Uint8Array) {
  try {
    return compileContract(source);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const { code, detail, line, column } = error;
    throw new CallFailedError(detail, { code, contract: null, line, column });
  }
}

function heightOf(height: number): number {
  if (Number.isSafeInteger(height) && height >= 0) return height;
  throw new ClientError('bad-argument', `height must be a whole number from 0, not ${height}`);
}

function secondsOf(time: Moment): number {
  const at = typeof time === 'string' ? momentOf(time) : time;
  const seconds = Math.floor((at?.getTime() ?? Number.NaN) / MS_PER_SECOND);
  if (Number.isSafeInteger(seconds) && seconds >= 0) return seconds;
  throw new ClientError('bad-argument', 'time must be a Date, or ISO 8601 text such as 2030-01-01T12:00:00Z');
}
