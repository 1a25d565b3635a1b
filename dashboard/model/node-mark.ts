import type { Point } from './peer-graph.ts';

/** What a node is known by beside its name: a soft outline and a hue. */
export interface NodeMark {
  /** In degrees. */
  readonly hue: number;
  readonly form: NodeForm;
}

/** A circle with bulges. */
interface NodeForm {
  readonly bulges: number;
  /** Of a bulge, as a share of the radius. */
  readonly depth: number;
  /** Of the first bulge, in radians. */
  readonly angle: number;
}

const FORMS: readonly NodeForm[] = [
  { bulges: 4, depth: 0.07, angle: 0.4 },
  { bulges: 3, depth: 0.09, angle: -1.57 },
  { bulges: 5, depth: 0.055, angle: -1.57 },
  { bulges: 0, depth: 0, angle: 0 },
  { bulges: 2, depth: 0.12, angle: 0 },
  { bulges: 6, depth: 0.04, angle: 0 },
  { bulges: 2, depth: 0.12, angle: 1.57 },
  { bulges: 4, depth: 0.07, angle: 0.785 },
];
/** Hues that follow each other by this angle are never near each other. */
const GOLDEN_ANGLE = 137.508;
const FIRST_HUE = 78;
const FULL_TURN = 360;
const OUTLINE_POINTS = 48;
/** From this share on, an arc is a circle. */
const WHOLE = 0.995;

/** The mark of the node that the page has met as the n-th, from 0. */
export function nodeMark(order: number): NodeMark {
  return {
    hue: (FIRST_HUE + order * GOLDEN_ANGLE) % FULL_TURN,
    form: FORMS[order % FORMS.length] ?? { bulges: 0, depth: 0, angle: 0 },
  };
}

/** Data of an SVG path: the outline around the origin. @param radius in pixels, as are all numbers of the path */
export function outlineOf({ bulges, depth, angle }: NodeForm, radius: number): string {
  const points = Array.from({ length: OUTLINE_POINTS }, (_, index): Point => {
    const turn = (index / OUTLINE_POINTS) * 2 * Math.PI;
    const distance = radius * (1 + depth * Math.cos(bulges * (turn - angle)));
    return { x: distance * Math.cos(turn), y: distance * Math.sin(turn) };
  });
  return `M${points.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}Z`;
}

/** Data of an SVG path: the arc from the top, clockwise, of a share of the circle around the origin. */
export function arcOf(share: number, radius: number): string {
  // An arc that ends where it begins draws nothing: a whole circle is two.
  if (share > WHOLE)
    return `M0 ${-radius}A${radius} ${radius} 0 0 1 0 ${radius}A${radius} ${radius} 0 0 1 0 ${-radius}`;
  const turn = share * 2 * Math.PI - Math.PI / 2;
  const end = `${(radius * Math.cos(turn)).toFixed(2)} ${(radius * Math.sin(turn)).toFixed(2)}`;
  return `M0 ${-radius}A${radius} ${radius} 0 ${share > 0.5 ? 1 : 0} 1 ${end}`;
}
