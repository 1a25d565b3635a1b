/** Hues are in degrees. */
const HUES = 360;
/** Hex digits that choose a hue. The last ones of a hash: proof of work makes the first ones zeros. */
const DIGITS = 4;

/**
 * The two hues of a hash, such as a flag has: equal for equal hashes, so that agreement is seen before it is read. One
 * hue would not do: eyes tell about twelve apart.
 */
export function huesOf(hash: string): readonly [first: number, second: number] {
  return [
    Number.parseInt(hash.slice(-DIGITS), 16) % HUES,
    Number.parseInt(hash.slice(-2 * DIGITS, -DIGITS), 16) % HUES,
  ];
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
