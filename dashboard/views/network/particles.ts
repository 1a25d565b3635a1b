import type { Point } from '../../model/peer-graph.ts';
import type { View } from './zoom.svelte.ts';

const FLIGHT_MS = 650;
const PULSE_MS = 500;
const PULSE_PX = 26;
const BLOCK_PX = 6;
const TRANSACTION_PX = 2.6;
/** More at once are not drawn: nobody could follow them. */
const MAX_PARTICLES = 160;
const MS_PER_SECOND = 1_000;
/** More pixels for each of the page's nobody sees move. */
const MAX_DENSITY = 2;

interface Particle {
  readonly from: Point | null;
  readonly to: Point;
  readonly color: string;
  readonly isBlock: boolean;
  readonly bornMs: number;
}

/** Draws what travels between nodes on a canvas; it draws only while something does. */
export class Particles {
  readonly #canvas: HTMLCanvasElement;
  #particles: Particle[] = [];
  #frame = 0;

  readonly #viewOf: () => View;

  /** @param canvas its origin is in the middle; @param viewOf how the drawing below it is shown */
  constructor(canvas: HTMLCanvasElement, viewOf: () => View) {
    this.#canvas = canvas;
    this.#viewOf = viewOf;
  }

  /** @param from null for what comes up on the node itself, which is a ring around it */
  add(from: Point | null, to: Point, color: string, isBlock: boolean): void {
    if (this.#particles.length >= MAX_PARTICLES) return;
    this.#particles.push({ from, to, color, isBlock, bornMs: performance.now() });
    if (this.#frame === 0) this.#frame = requestAnimationFrame((nowMs) => this.#draw(nowMs));
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#particles = [];
  }

  #draw(nowMs: number): void {
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    const { clientWidth, clientHeight } = this.#canvas;
    const scale = Math.min(MAX_DENSITY, devicePixelRatio);
    const [width, height] = [Math.round(clientWidth * scale), Math.round(clientHeight * scale)];
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const { x, y, k } = this.#viewOf();
    const middle = { x: this.#canvas.width / 2 + x * scale, y: this.#canvas.height / 2 + y * scale };
    context.setTransform(scale * k, 0, 0, scale * k, middle.x, middle.y);
    this.#particles = this.#particles.filter((particle) => drawParticle(context, particle, nowMs));
    this.#frame = this.#particles.length === 0 ? 0 : requestAnimationFrame((next) => this.#draw(next));
  }
}

/** @returns whether it goes on */
function drawParticle(context: CanvasRenderingContext2D, particle: Particle, nowMs: number): boolean {
  const { from, to, color, isBlock, bornMs } = particle;
  const t = Math.max(0, nowMs - bornMs) / (from ? FLIGHT_MS : PULSE_MS);
  if (t >= 1) return false;
  context.beginPath();
  if (from) {
    const eased = t * t * (3 - 2 * t);
    const x = from.x + (to.x - from.x) * eased;
    const y = from.y + (to.y - from.y) * eased;
    context.fillStyle = color;
    if (isBlock) context.roundRect(x - BLOCK_PX, y - BLOCK_PX, 2 * BLOCK_PX, 2 * BLOCK_PX, 2);
    else context.arc(x, y, TRANSACTION_PX, 0, 2 * Math.PI);
    context.fill();
  } else {
    context.strokeStyle = color;
    context.globalAlpha = 1 - t;
    context.lineWidth = isBlock ? 3 : 1.5;
    context.arc(to.x, to.y, 16 + t * PULSE_PX * (isBlock ? 1 : 0.6), 0, 2 * Math.PI);
    context.stroke();
    context.globalAlpha = 1;
  }
  return nowMs - bornMs < MS_PER_SECOND;
}
