import type { Selection } from 'd3-selection';
import type { D3ZoomEvent, ZoomBehavior } from 'd3-zoom';
import type { Point } from '../../model/peer-graph.ts';

/** A drawing this many times as large still shows what is near each other. */
const MAX_SCALE = 6;
const STEP = 1.5;
/** Room that is left around what is brought into sight, as a share of the drawing. */
const MARGIN = 0.1;

/** How a drawing is shown: shifted by pixels, after it was made larger around its middle. */
export interface View {
  readonly x: number;
  readonly y: number;
  /** 1 is the whole drawing. */
  readonly k: number;
}

/** What listens on a drawing. */
interface Gestures {
  readonly behavior: ZoomBehavior<SVGSVGElement, unknown>;
  readonly drawing: Selection<SVGSVGElement, unknown, null, undefined>;
}

/** Two corners. */
type Frame = [[number, number], [number, number]];

/**
 * Makes a drawing larger and moves it within its frame: by wheel, by two fingers, by buttons and by keys. At first, when all is
 * in sight, the wheel without Ctrl or ⌘ scrolls the page, and a drag means what the drawing says. The library for it is fetched
 * when a pointer or the keyboard comes to the drawing, or a button is pressed: it is no part of the first view.
 */
export class Zoom {
  view = $state.raw<View>({ x: 0, y: 0, k: 1 });
  /** Listens on the drawing that is shown, once; null: none is shown. */
  #listen: (() => Promise<Gestures>) | null = null;

  /** For `{@attach}`. @param onbegin two fingers, or a drag of the whole, have begun */
  attach(onbegin: () => void = () => {}): (svg: SVGSVGElement) => () => void {
    return (svg) => {
      let gestures: Promise<Gestures> | null = null;
      const listen = (): Promise<Gestures> => {
        gestures ??= this.#gesturesOf(svg, onbegin);
        return gestures;
      };
      this.#listen = listen;
      svg.addEventListener('pointerenter', listen);
      svg.addEventListener('focusin', listen);
      return () => {
        this.#listen = null;
        svg.removeEventListener('pointerenter', listen);
        svg.removeEventListener('focusin', listen);
        void gestures?.then(({ drawing }) => drawing.on('.zoom', null));
      };
    };
  }

  get isZoomed(): boolean {
    return this.view.k > 1;
  }

  /** Of the group that holds the drawing. */
  get transform(): string {
    return `translate(${this.view.x} ${this.view.y}) scale(${this.view.k})`;
  }

  enlarge(): void {
    void this.#listen?.().then(({ behavior, drawing }) => behavior.scaleBy(drawing, STEP));
  }

  reduce(): void {
    void this.#listen?.().then(({ behavior, drawing }) => behavior.scaleBy(drawing, 1 / STEP));
  }

  /** Shows the whole drawing. */
  fit(): void {
    void this.#listen?.().then(({ behavior, drawing }) => behavior.scaleTo(drawing, 1));
  }

  /** Brings a point of the drawing into sight, as one that the keyboard leads to. */
  show({ x, y }: Point): void {
    if (!this.isZoomed) return;
    void this.#listen?.().then(({ behavior, drawing }) => {
      const { clientWidth = 0, clientHeight = 0 } = drawing.node() ?? {};
      const [shownX, shownY] = [x * this.view.k + this.view.x, y * this.view.k + this.view.y];
      const reach = 0.5 - MARGIN;
      const isInSight = Math.abs(shownX) < clientWidth * reach && Math.abs(shownY) < clientHeight * reach;
      if (!isInSight) behavior.translateTo(drawing, x, y);
    });
  }

  /** Where a point of the frame is in the drawing. */
  within({ x, y }: Point): Point {
    return { x: (x - this.view.x) / this.view.k, y: (y - this.view.y) / this.view.k };
  }

  /** Keys of a drawing that has the focus. @returns whether it was one */
  press({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
    if (ctrlKey || metaKey || altKey) return false;
    if (key === '+' || key === '=') this.enlarge();
    else if (key === '-') this.reduce();
    else if (key === '0') this.fit();
    else return false;
    return true;
  }

  async #gesturesOf(svg: SVGSVGElement, onbegin: () => void): Promise<Gestures> {
    const [{ zoom, zoomIdentity }, { select }] = await Promise.all([import('d3-zoom'), import('d3-selection')]);
    const behavior = zoom<SVGSVGElement, unknown>()
      .scaleExtent([1, MAX_SCALE])
      .extent(
        (): Frame => [
          [-svg.clientWidth / 2, -svg.clientHeight / 2],
          [svg.clientWidth / 2, svg.clientHeight / 2],
        ],
      )
      // No edge of the drawing comes into the frame.
      .constrain(({ x, y, k }, [[left, top], [right, bottom]]) =>
        zoomIdentity
          .translate(clamped(x, right * (1 - k), left * (1 - k)), clamped(y, bottom * (1 - k), top * (1 - k)))
          .scale(k),
      )
      .filter((event: MouseEvent | TouchEvent) => this.#isMeant(event))
      .on('start', ({ sourceEvent }: D3ZoomEvent<SVGSVGElement, unknown>) => {
        if (sourceEvent) onbegin();
      })
      .on('zoom', ({ transform: { x, y, k } }: D3ZoomEvent<SVGSVGElement, unknown>) => {
        this.view = { x, y, k };
      });
    const drawing = select<SVGSVGElement, unknown>(svg);
    drawing.call(behavior).on('dblclick.zoom', null);
    return { behavior, drawing };
  }

  #isMeant(event: MouseEvent | TouchEvent): boolean {
    if (event.type === 'wheel') return event.ctrlKey || event.metaKey || this.isZoomed;
    const isOnNode = event.target instanceof Element && event.target.closest('[data-node]') !== null;
    if ('touches' in event) return event.touches.length > 1 || (this.isZoomed && !isOnNode);
    return event.button === 0 && this.isZoomed && !isOnNode && !event.shiftKey;
  }
}

const clamped = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));
