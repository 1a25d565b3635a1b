import { developmentAccountByName, isDevelopmentName } from '../../consensus/development-accounts.ts';

/** What a text in the search box may name. */
export type Sought =
  | { readonly kind: 'height'; readonly height: number }
  /** Of a block or a transaction: only a node knows. */
  | { readonly kind: 'hash'; readonly hash: string }
  | { readonly kind: 'account'; readonly account: string }
  /** Digits at the beginning or the end of a hash, as the page shows them. */
  | { readonly kind: 'part'; readonly digits: string };

const MAX_HEIGHT_DIGITS = 10;
const MIN_ADDRESS_CHARS = 20;
const MIN_PART_DIGITS = 4;

/** Reads a height, a hash or a part of one, an address or the name of a development account; null for anything else. */
export function parseSearch(text: string): Sought | null {
  const trimmed = text.trim();
  const digits = trimmed.replace(/[,.\s_]/g, '');
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return { kind: 'hash', hash: trimmed.toLowerCase() };
  if (/^\d+$/.test(digits) && digits.length <= MAX_HEIGHT_DIGITS) return { kind: 'height', height: Number(digits) };
  const lower = trimmed.toLowerCase();
  if (isDevelopmentName(trimmed)) return { kind: 'account', account: developmentAccountByName(trimmed)?.name ?? lower };
  const looksLikeAddress = /^[a-z]+1[02-9ac-hj-np-z]+$/.test(lower) && lower.length >= MIN_ADDRESS_CHARS;
  if (looksLikeAddress) return { kind: 'account', account: lower };
  const part = lower.replace(/…|\.{3}/g, '');
  return /^[0-9a-f]+$/.test(part) && part.length >= MIN_PART_DIGITS ? { kind: 'part', digits: part } : null;
}
