import { prefersReducedMotion } from 'svelte/motion';
import { blockHues } from '../../parts/tinted.ts';

const FLIGHT_MS = 700;
const SIZE_PX = 26;

/** Lets a mined block fly from its node's card to its place among the latest blocks. */
export function flyBlock(nodeUrl: string, blockHash: string): void {
  if (prefersReducedMotion.current || document.hidden) return;
  // The place is there after the frame in which the block is shown.
  requestAnimationFrame(() => {
    const from = document.querySelector(`[data-node="${CSS.escape(nodeUrl)}"]`)?.getBoundingClientRect();
    const to = document.querySelector(`[data-block="${CSS.escape(blockHash)}"]`)?.getBoundingClientRect();
    if (!from || !to || from.bottom < 0 || to.bottom < 0) return;
    const block = document.createElement('div');
    block.setAttribute('aria-hidden', 'true');
    Object.assign(block.style, {
      position: 'fixed',
      zIndex: '9',
      left: '0',
      top: '0',
      width: `${SIZE_PX}px`,
      height: `${SIZE_PX}px`,
      borderRadius: '6px',
      pointerEvents: 'none',
      background: 'var(--flag)',
    });
    block.className = 'tinted';
    const [first, second] = blockHues(blockHash);
    block.style.setProperty('--h', String(first));
    block.style.setProperty('--h2', String(second));
    document.body.append(block);
    const at = (box: DOMRect): string =>
      `translate(${box.left + box.width / 2 - SIZE_PX / 2}px, ${box.top + box.height / 2 - SIZE_PX / 2}px)`;
    const flight = block.animate(
      [
        { transform: `${at(from)} scale(0.6)`, opacity: 0.2 },
        { transform: `${at(from)} scale(1.25)`, opacity: 1, offset: 0.25 },
        { transform: `${at(to)} scale(1)`, opacity: 1, offset: 0.9 },
        { transform: `${at(to)} scale(2)`, opacity: 0 },
      ],
      { duration: FLIGHT_MS, easing: 'cubic-bezier(0.3, 0.1, 0.2, 1)' },
    );
    flight.finished.then(
      () => block.remove(),
      () => block.remove(),
    );
  });
}
