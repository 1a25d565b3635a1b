/** Longest part of a foreign text in a message, in characters. */
const MAX_QUOTED_CHARS = 80;
/** Of a text that is too long, this share of what is shown is its end. */
const END_SHARE = 1 / 4;
/** What moves a cursor, changes colours or the direction of what follows, or is half a character. */
const NOT_SHOWN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * An untrusted text as part of a message: without its middle where it is long, and without characters that affect how it
 * is displayed. Omissions and replacements are visible.
 */
export function quotable(text: string, maxChars = MAX_QUOTED_CHARS): string {
  if (text.length <= maxChars) return printable(text);
  const end = Math.floor(maxChars * END_SHARE);
  return printable(`${text.slice(0, maxChars - end - 1)}…${text.slice(-end)}`);
}

/** As `quotable`, for a text of any length that contains quotes: line by line. */
export function quotableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/**
 * An untrusted text with every character replaced that must not be shown: controls (C0, DEL, C1), format
 * characters (directions, invisible ones), separators of lines and paragraphs, and halves of surrogate pairs.
 */
export function printable(text: string): string {
  return text.replace(NOT_SHOWN, '\ufffd');
}
