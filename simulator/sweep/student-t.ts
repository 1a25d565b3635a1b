/** Halvings of the interval of the search: beyond them a double has no more digits. */
const HALVINGS = 100;
const MAX_QUANTILE = 1e4;
const NEGLIGIBLE = 1e-17;

/**
 * The value that the absolute value of Student's t exceeds with probability 1 − `confidence`.
 * @param degrees of freedom, a whole number from 1
 * @param confidence from 0 to 0.999
 */
export function studentT(degrees: number, confidence: number): number {
  let [low, high] = [0, MAX_QUANTILE];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (probabilityWithin(middle, degrees) < confidence) low = middle;
    else high = middle;
  }
  return high;
}

/** P(|T| ≤ t), by the finite series for whole degrees (Abramowitz and Stegun, 26.7.3 and 26.7.4). */
function probabilityWithin(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cos2 = Math.cos(angle) ** 2;
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? Math.cos(angle) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k <= degrees - 2 && term > NEGLIGIBLE; k += 2) {
    term *= ((k - 1) / k) * cos2;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
}
