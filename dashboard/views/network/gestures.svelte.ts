import { isInside } from '../../model/hull.ts';
import type { Point } from '../../model/peer-graph.ts';

/** A pointer that moves less than this has pressed, not drawn. */
const MIN_DRAG_PX = 6;
/** A fraction of these points is enough for the outline of a lasso. */
const MIN_STEP_PX = 4;

/** What a pointer is drawing. */
export type Gesture =
  /** A line from a node, to connect it with the one that it ends on. */
  | { readonly kind: 'line'; readonly from: string; readonly to: Point; readonly over: string | null }
  /** A line around nodes. */
  | { readonly kind: 'lasso'; readonly points: readonly Point[] };

interface Drawing {
  /** Where a point of the frame is in the drawing: its own pixels, from its middle. */
  within(point: Point): Point;
  /** Whether a drag on the ground moves the whole, unless the shift key is held. */
  isMovable(): boolean;
  /** Where nodes are, by id. */
  places(): ReadonlyMap<string, Point>;
  /** Within this distance a pointer is over a node, in pixels. */
  reach(): number;
  onconnect(from: string, to: string): void;
  onlasso(ids: readonly string[]): void;
}

/** Follows one pointer over a drawing whose origin is in its middle. */
export class Gestures {
  current = $state.raw<Gesture | null>(null);
  readonly #drawing: Drawing;
  #start: { readonly id: string | null; readonly at: Point; readonly pointerId: number } | null = null;
  /** A click follows a drag, and means nothing then. */
  #hasDrawn = false;

  constructor(drawing: Drawing) {
    this.#drawing = drawing;
  }

  /** @param id the node under the pointer */
  begin(event: PointerEvent & { currentTarget: Element }, id: string | null): void {
    this.#hasDrawn = false;
    // A finger on the ground scrolls the page.
    if (event.button !== 0 || (id === null && event.pointerType === 'touch')) return;
    if (id === null && this.#drawing.isMovable() && !event.shiftKey) return;
    this.#start = { id, at: this.#pointOf(event), pointerId: event.pointerId };
  }

  move(event: PointerEvent & { currentTarget: Element }): void {
    const start = this.#start;
    if (!start || event.pointerId !== start.pointerId) return;
    const at = this.#pointOf(event);
    if (!this.current && distance(at, start.at) < MIN_DRAG_PX) return;
    if (!this.current) event.currentTarget.setPointerCapture(event.pointerId);
    this.#hasDrawn = true;
    if (start.id !== null) {
      this.current = { kind: 'line', from: start.id, to: at, over: this.#nodeAt(at, start.id) };
      return;
    }
    const points = this.current?.kind === 'lasso' ? this.current.points : [start.at];
    const last = points.at(-1);
    if (last && distance(last, at) < MIN_STEP_PX) return;
    this.current = { kind: 'lasso', points: [...points, at] };
  }

  end(): void {
    const gesture = this.current;
    this.cancel();
    if (gesture?.kind === 'line' && gesture.over !== null) this.#drawing.onconnect(gesture.from, gesture.over);
    if (gesture?.kind === 'lasso') {
      const inside = [...this.#drawing.places()].filter(([, place]) => isInside(place, gesture.points));
      if (inside.length > 0) this.#drawing.onlasso(inside.map(([id]) => id));
    }
  }

  cancel(): void {
    this.#start = null;
    this.current = null;
  }

  /** Whether the click that comes now only ends a drag. */
  get isClickOver(): boolean {
    return this.#hasDrawn;
  }

  #pointOf(event: PointerEvent & { currentTarget: Element }): Point {
    return this.#drawing.within(pointOf(event));
  }

  #nodeAt(at: Point, except: string): string | null {
    for (const [id, place] of this.#drawing.places()) {
      if (id !== except && distance(place, at) <= this.#drawing.reach()) return id;
    }
    return null;
  }
}

/** Where a pointer is, from the middle of the frame. */
function pointOf({ clientX, clientY, currentTarget }: PointerEvent & { currentTarget: Element }): Point {
  const { left, top, width, height } = currentTarget.getBoundingClientRect();
  return { x: clientX - left - width / 2, y: clientY - top - height / 2 };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
