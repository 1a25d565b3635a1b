/** A rectangle of the drawing, in its own units. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How a block is drawn in a square that stands for all that it can hold. */
export interface BlockFill {
  /** What is full of it, at its bottom, to scale. */
  readonly filled: Area;
  /** Where its transactions are drawn: what is full of it, or a lens above where they could not be seen there. */
  readonly drawn: Area;
  /** How many times as large as they are; 1 where they are drawn to scale. */
  readonly magnification: number;
}

/** Below this share of the square, transactions are drawn magnified. */
const MIN_SHARE_TO_SCALE = 0.4;
/** What is thinner is not seen. In units of the drawing. */
const MIN_FILL_HEIGHT = 1.5;
const LENS_MARGIN = 14;
const LENS_SHARE = 0.68;

/**
 * Lays a block out in a square.
 * @param share of its bytes that are used, 0 to 1
 * @param side of the square, in units of the drawing
 */
export function fillOf(share: number, side: number): BlockFill {
  const height = Math.min(1, share) * side;
  const shownHeight = share > 0 ? Math.max(MIN_FILL_HEIGHT, height) : 0;
  const filled = { x: 0, y: side - shownHeight, width: side, height: shownHeight };
  if (share >= MIN_SHARE_TO_SCALE) return { filled, drawn: filled, magnification: 1 };
  const drawn = {
    x: LENS_MARGIN,
    y: LENS_MARGIN,
    width: side - 2 * LENS_MARGIN,
    height: side * LENS_SHARE - LENS_MARGIN,
  };
  return { filled, drawn, magnification: share > 0 ? (drawn.width * drawn.height) / (side * height) : 1 };
}
