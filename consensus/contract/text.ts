const LAST_ONE_BYTE = 0x7f;
const LAST_TWO_BYTES = 0x7ff;
const FIRST_HIGH_SURROGATE = 0xd800;
const FIRST_LOW_SURROGATE = 0xdc00;
const LAST_LOW_SURROGATE = 0xdfff;

const BEYOND_ASCII = /[\u0080-\uffff]/;
const { charCodeAt } = String.prototype;

/**
 * Bytes of a well-formed text in UTF-8. Texts that are joined, cut and written are of many kinds to an engine: where it meets
 * them all, it looks for `text.charCodeAt` anew for each unit, and takes five times as long.
 */
export function utf8Bytes(text: string): number {
  const { length } = text;
  if (length === 0 || !BEYOND_ASCII.test(text)) return length;
  let sizeBytes = length;
  for (let i = 0; i < length; i++) {
    const unit = charCodeAt.call(text, i);
    if (unit <= LAST_ONE_BYTE) continue;
    // Of the four bytes of a pair, each half counts two.
    sizeBytes += unit <= LAST_TWO_BYTES || isSurrogate(unit) ? 1 : 2;
  }
  return sizeBytes;
}

function isSurrogate(unit: number): boolean {
  return unit >= FIRST_HIGH_SURROGATE && unit <= LAST_LOW_SURROGATE;
}

/** Whether a part of a well-formed text is well-formed too: it neither begins nor ends within a surrogate pair. */
export function isWholePart(part: string): boolean {
  const first = part.charCodeAt(0);
  const last = part.charCodeAt(part.length - 1);
  const beginsInside = first >= FIRST_LOW_SURROGATE && first <= LAST_LOW_SURROGATE;
  const endsInside = last >= FIRST_HIGH_SURROGATE && last < FIRST_LOW_SURROGATE;
  return !beginsInside && !endsInside;
}
