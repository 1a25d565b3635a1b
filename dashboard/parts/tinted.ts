import { forks } from '../app/session.svelte.ts';
import { huesOf } from '../model/hash-color.ts';

/** The two hues of a block, in degrees: while nodes disagree those of its branch, else those of its hash. */
export function blockHues(blockHash: string): readonly [first: number, second: number] {
  const branch = forks.branchOf(blockHash);
  return branch ? [branch.hue, branch.hue] : huesOf(blockHash);
}

/**
 * The custom properties `--h` and `--h2` of a block's hues, from which style sheets make `--tip` and `--tip-2`. Follows
 * forks as they come and go.
 */
export function tinted(blockHash: string | null | undefined): (element: HTMLElement | SVGElement) => void {
  return (element) => {
    const [first, second] = blockHash ? blockHues(blockHash) : [0, 0];
    element.style.setProperty('--h', String(first));
    element.style.setProperty('--h2', String(second));
  };
}
