import { RuleError } from '../consensus/errors.ts';
import type { Hash } from '../consensus/hash.ts';
import { type BlockHeader, blockHash } from '../consensus/header.ts';
import { workOfBits } from '../consensus/target.ts';
import type { BlockEntry, HeaderIndex } from './header-index.ts';
import { MAX_HEADERS_PER_MESSAGE } from './limits.ts';
import type { Peer } from './peer.ts';

/** A message of headers that is being checked. */
export interface HeaderJob {
  readonly peer: Peer;
  readonly headers: readonly BlockHeader[];
  readonly wasAsked: boolean;
  /** Position of the first header that is not checked yet. */
  next: number;
  /** The known block that the first header builds on; null where there is none. */
  start: BlockEntry | null;
  readonly entries: BlockEntry[];
  /** Whether some of them were not known before. */
  hasNews: boolean;
  /** Set where headers cannot be linked to known ones: then only each header itself and its link are checked. */
  loose: LooseHeaders | null;
  /** Headers that have shown enough work, once all are checked; the first `kept` of them are kept. */
  proven: { readonly entries: readonly BlockEntry[]; kept: number } | null;
}

/** Headers that follow a block whose time is too far ahead of the clock, or one that is not known. */
export interface LooseHeaders {
  /** The first of them, where only its time is against it; null: its parent is not known. */
  readonly early: EarlyHeader | null;
  /** Of the last one that was checked. */
  lastHash: Hash;
  count: number;
  work: bigint;
}

/** A header that breaks no rule but the future limit. */
export interface EarlyHeader {
  readonly parent: BlockEntry;
  readonly header: BlockHeader;
}

/** A peer's headers do not follow each other. */
export class BrokenChain extends Error {
  override readonly name = 'BrokenChain';

  constructor() {
    super('headers do not form a chain');
  }
}

export function makeJob(peer: Peer, headers: readonly BlockHeader[], wasAsked: boolean): HeaderJob {
  return { peer, headers, wasAsked, next: 0, start: null, entries: [], hasNews: false, loose: null, proven: null };
}

/** Before the first header is checked: what it builds on, if that is known. */
export function beginJob(job: HeaderJob, start: BlockEntry | null): void {
  job.start = start;
  const lastHash = job.headers[0]?.prevHash ?? '';
  if (!start) job.loose = { early: null, lastHash, count: 0, work: 0n };
}

/** Loose headers that begin with one that is too early. */
export function looseFrom(early: EarlyHeader): LooseHeaders {
  const { header } = early;
  return { early, lastHash: blockHash(header), count: 1, work: workOfBits(header.bits) };
}

/**
 * Checks the next header as the child of the one before it, and appends it to the entries of the message. Behind a block
 * that is unknown, or not acceptable yet, only the header itself and its link are checked.
 * @throws RuleError whose sender is at fault, `BrokenChain`
 */
export function checkNext(
  job: HeaderJob,
  header: BlockHeader,
  index: HeaderIndex,
  seen: Parameters<HeaderIndex['extend']>[2],
): void {
  if (job.loose) return checkLoose(job.loose, header, index);
  const parent = job.entries.at(-1) ?? job.start;
  if (header.prevHash !== parent?.record.hash) throw new BrokenChain();
  const hash = blockHash(header);
  try {
    const known = index.get(hash);
    job.entries.push(known ?? index.extend(parent, { hash, header }, seen));
    job.hasNews ||= known === undefined;
  } catch (error) {
    if (!(error instanceof RuleError) || error.senderAtFault) throw error;
    job.loose = looseFrom({ parent, header });
  }
}

function checkLoose(loose: LooseHeaders, header: BlockHeader, index: HeaderIndex): void {
  if (header.prevHash !== loose.lastHash) throw new BrokenChain();
  const hash = blockHash(header);
  index.checkAlone({ hash, header });
  loose.lastHash = hash;
  loose.count++;
  loose.work += workOfBits(header.bits);
}

/** Whether the message is full, so that the peer may have more headers. */
export function isFull({ headers, entries }: HeaderJob): boolean {
  return entries.length === MAX_HEADERS_PER_MESSAGE && entries.length === headers.length;
}
