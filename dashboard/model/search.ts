import { developmentAccountByName } from '../../consensus/development-accounts.ts';

/** What a text in the search box may name. */
export type Sought =
  | { readonly kind: 'height'; readonly height: number }
  /** Of a block or a transaction: only a node knows. */
  | { readonly kind: 'hash'; readonly hash: string }
  | { readonly kind: 'account'; readonly account: string };

const MAX_HEIGHT_DIGITS = 10;
const MIN_ADDRESS_CHARS = 20;

/** Reads a text that is a height, a hash, an address or the name of a development account; null for anything else. */
export function parseSearch(text: string): Sought | null {
  const trimmed = text.trim();
  const digits = trimmed.replace(/[,.\s_]/g, '');
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return { kind: 'hash', hash: trimmed.toLowerCase() };
  if (/^\d+$/.test(digits) && digits.length <= MAX_HEIGHT_DIGITS) return { kind: 'height', height: Number(digits) };
  const named = developmentAccountByName(trimmed);
  if (named) return { kind: 'account', account: named.name };
  const lower = trimmed.toLowerCase();
  const looksLikeAddress = /^[a-z]+1[02-9ac-hj-np-z]+$/.test(lower) && lower.length >= MIN_ADDRESS_CHARS;
  return looksLikeAddress ? { kind: 'account', account: lower } : null;
}
