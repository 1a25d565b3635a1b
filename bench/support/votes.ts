import { sign } from 'node:crypto';
import type { Block } from '../../consensus/block.ts';
import { encodeValue } from '../../consensus/contract/encoding.ts';
import { MAX_BLOCK_GAS } from '../../consensus/contract/limits.ts';
import { concatBytes, hexToBytes, utf8ToBytes } from '../../consensus/hex.ts';
import { type Signer, signCallWith, signDeployWith } from '../../consensus/signature.ts';
import { VOTING } from '../../testing/contracts.ts';
import type { BenchAccount } from './accounts.ts';
import { ChainBuilder } from './chain.ts';
import type { BenchNetwork } from './network.ts';

const DEPLOY_GAS = 150_000;
/** What a vote reserves: a little more than it uses. */
const VOTE_GAS = 40_000;
const FEE = 200_000n;
/** Votes that fill the gas of a block. */
export const VOTES_PER_BLOCK = MAX_BLOCK_GAS / VOTE_GAS;
/** Ballots: each account has one vote in each of them. */
const BALLOTS = 24;

/** A chain of a block that deploys ballots, and blocks that are full of first votes. */
export function votingChain(network: BenchNetwork, blocks: number): Block[] {
  const { accounts, params } = network;
  const builder = new ChainBuilder(network);
  const nonces = new Map<BenchAccount, bigint>();
  const common = (account: BenchAccount) => {
    const nonce = nonces.get(account) ?? 0n;
    nonces.set(account, nonce + 1n);
    return { networkId: params.networkId, nonce, amount: 0n, fee: FEE };
  };
  const deploys = accounts.slice(0, BALLOTS).map((account) => {
    const args = [encodeValue('Tea or coffee?'), encodeValue(['tea', 'coffee']), encodeValue(blocks + 10)];
    const fields = { gas: DEPLOY_GAS, source: utf8ToBytes(VOTING), args: concatBytes(...args) };
    return signDeployWith({ ...common(account), ...fields }, signerOf(account));
  });
  const chain = [builder.next(deploys).block];
  const method = utf8ToBytes('vote');
  for (let block = 0; block < blocks; block++) {
    const votes = Array.from({ length: VOTES_PER_BLOCK }, (_, i) => {
      const position = block * VOTES_PER_BLOCK + i;
      const account = accounts[position % accounts.length] as BenchAccount;
      const ballot = deploys[Math.floor(position / accounts.length)];
      if (ballot === undefined) throw new Error(`${BALLOTS} ballots are too few for ${blocks} blocks`);
      const fields = { gas: VOTE_GAS, contract: ballot.contract, method, args: encodeValue(position % 2) };
      return signCallWith({ ...common(account), ...fields }, signerOf(account));
    });
    chain.push(builder.next(votes).block);
  }
  return chain;
}

function signerOf({ publicKey, key }: BenchAccount): Signer {
  return { publicKey: hexToBytes(publicKey), sign: (message) => new Uint8Array(sign(null, message, key)) };
}
