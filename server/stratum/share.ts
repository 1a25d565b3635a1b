import { doubleSha256, hashFromBytes } from '../../consensus/hash.ts';
import { encodeHeader } from '../../consensus/header.ts';
import { hexToBytes } from '../../consensus/hex.ts';
import { rootFromCoinbaseBranch } from '../../consensus/merkle.ts';
import { hashToInteger } from '../../consensus/target.ts';
import { COINBASE_EXTRA_NONCE_BYTES, COINBASE_EXTRA_NONCE_OFFSET } from '../../consensus/transaction.ts';
import type { OfferedSolution, Template } from '../../protocol/mining-job.ts';
import { VERSION_ROLLING_MASK } from '../../protocol/template.ts';
import { StratumRefusal } from './stratum-message.ts';

/** The part of the extra nonce that the node gives to a connection, so that no two of them search the same. */
export const EXTRA_NONCE_1_BYTES = 4;
/** The part that the program varies. */
export const EXTRA_NONCE_2_BYTES = COINBASE_EXTRA_NONCE_BYTES - EXTRA_NONCE_1_BYTES;
const U32_PATTERN = /^[0-9a-fA-F]{8}$/;

/** A share as it was submitted, before it is checked. */
export interface SubmittedShare {
  readonly worker: string;
  readonly jobId: string;
  /** Eight hex digits each. */
  readonly extraNonce2: string;
  readonly time: string;
  readonly nonce: string;
  /** Bits of the version that the program has changed (BIP 310); null: none. */
  readonly versionBits: string | null;
}

/** Reads the parameters of `mining.submit`. Throws `StratumRefusal` `other`. */
export function readShare(params: readonly unknown[]): SubmittedShare {
  const [worker, jobId, extraNonce2, time, nonce, versionBits] = params;
  if (typeof worker !== 'string' || typeof jobId !== 'string') {
    throw new StratumRefusal('other', 'a share has the name of a worker and the id of a job');
  }
  return {
    worker,
    jobId,
    extraNonce2: u32Text('extranonce2', extraNonce2),
    time: u32Text('ntime', time),
    nonce: u32Text('nonce', nonce),
    versionBits: versionBits === undefined ? null : u32Text('version_bits', versionBits),
  };
}

/**
 * What a share puts into its template. Throws `StratumRefusal` `other` where it changes bits of the version outside of the
 * mask that was negotiated.
 */
export function solutionOf(
  { extraNonce2, time, nonce, versionBits }: SubmittedShare,
  { header }: Template,
  extraNonce1: Uint8Array,
  versionMask: number,
): OfferedSolution {
  const rolled = versionBits === null ? 0 : Number.parseInt(versionBits, 16);
  if ((rolled & ~versionMask) !== 0) {
    throw new StratumRefusal('other', 'version_bits outside of the mask that mining.configure gave');
  }
  const extraNonce = new Uint8Array(COINBASE_EXTRA_NONCE_BYTES);
  extraNonce.set(extraNonce1);
  extraNonce.set(hexToBytes(extraNonce2.toLowerCase()), EXTRA_NONCE_1_BYTES);
  return {
    extraNonce,
    nonce: Number.parseInt(nonce, 16),
    time: Number.parseInt(time, 16),
    version: header.version | (rolled & VERSION_ROLLING_MASK),
  };
}

/** The hash of the solved header, as the number that is compared with a target. */
export function shareValue(template: Template, { extraNonce, ...solved }: OfferedSolution): bigint {
  const coinbase = template.coinbase.raw.slice();
  coinbase.set(extraNonce, COINBASE_EXTRA_NONCE_OFFSET);
  const merkleRoot = rootFromCoinbaseBranch(hashFromBytes(doubleSha256(coinbase)), template.coinbaseBranch);
  return hashToInteger(hashFromBytes(doubleSha256(encodeHeader({ ...template.header, ...solved, merkleRoot }))));
}

function u32Text(name: string, value: unknown): string {
  if (typeof value === 'string' && U32_PATTERN.test(value)) return value;
  throw new StratumRefusal('other', `${name} must be eight hex digits`);
}
