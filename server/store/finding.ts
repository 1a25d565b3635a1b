/** A failed check of what is stored, which is reported as a damaged folder. */
export class Finding extends Error {}

/** Throws {@link Finding} unless the condition holds. */
export function expectStored(condition: boolean, finding: string): asserts condition {
  if (!condition) throw new Finding(finding);
}
