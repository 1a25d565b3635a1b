/** Hues are in degrees. */
const HUES = 360;
/** Hex digits that choose the hue. The last ones: proof of work makes the first ones zeros. */
const DIGITS = 6;

/** A hue for a hash: equal for equal hashes, so that agreement is seen before it is read. */
export function hueOf(hash: string): number {
  return Number.parseInt(hash.slice(-DIGITS), 16) % HUES;
}

/** A hash as people tell it apart: its last digits, since those of proof of work begin with zeros. */
export function shortHash(hash: string): string {
  return `…${hash.slice(-8)}`;
}

/** An address as people tell it apart: its prefix and its end. */
export function shortAddress(address: string): string {
  const separator = address.lastIndexOf('1');
  return `${address.slice(0, separator + 5)}…${address.slice(-4)}`;
}
