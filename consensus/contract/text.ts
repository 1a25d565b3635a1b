const LAST_ONE_BYTE = 0x7f;
const LAST_TWO_BYTES = 0x7ff;
const FIRST_HIGH_SURROGATE = 0xd800;
const FIRST_LOW_SURROGATE = 0xdc00;
const LAST_LOW_SURROGATE = 0xdfff;

/** Bytes of a well-formed text in UTF-8. */
export function utf8Bytes(text: string): number {
  let sizeBytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
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
