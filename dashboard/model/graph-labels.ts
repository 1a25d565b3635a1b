import type { Point, Size } from './peer-graph.ts';

/** Where a label stands beside its node. */
export interface Label {
  readonly id: string;
  /** Of its first line. */
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly text: string;
  /** Second line; empty for none. */
  readonly more: string;
}

/** What a label says. */
export interface LabelText {
  readonly id: string;
  readonly text: string;
  readonly more: string;
}

/** Where labels may be; in pixels. */
interface LabelRoom {
  /** From a node's middle to its label. */
  readonly room: number;
  readonly isRing: boolean;
  /** Of the drawing. */
  readonly size: Size;
  /** A longer name loses its middle. */
  readonly width: number;
}

/** Average width of a letter, as a share of its size: enough for the widest of our fonts; a Korean one takes all. */
const LETTER_WIDTH = 0.62;
const WIDE_LETTER = /[\u1100-\u11ff\u3000-\u9fff\uac00-\ud7ff]/u;
const TEXT_PX = 12;
const LINE_PX = 15;
const MARGIN_PX = 2;
/** Within this angle of straight up or down, a label stands over or under its node and not beside it. */
const UPRIGHT = 0.2;

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * Labels of nodes: outside the ring that they stand in, or above the upper and below the lower ones where they are few.
 * None is over another, over a node, or out of the drawing: a label for which there is no room is left out.
 */
export function placeLabels(
  texts: readonly LabelText[],
  places: ReadonlyMap<string, Point>,
  { room, isRing, size, width }: LabelRoom,
): readonly Label[] {
  const taken: Box[] = [...places.values()].map(({ x, y }) => ({
    left: x - room / 2,
    right: x + room / 2,
    top: y - room / 2,
    bottom: y + room / 2,
  }));
  const shown: Label[] = [];
  for (const text of texts) {
    const place = places.get(text.id);
    if (!place) continue;
    const label = labelAt(place, { ...text, text: shortened(text.text, width) }, room, isRing);
    const box = boxOf(label);
    if (!isWithin(box, size) || taken.some((other) => overlap(box, other))) continue;
    taken.push(box);
    shown.push(label);
  }
  return shown;
}

function labelAt({ x, y }: Point, { id, text, more }: LabelText, room: number, isRing: boolean): Label {
  const lines = more === '' ? 1 : 2;
  const distance = Math.hypot(x, y);
  // Alone in the middle, a node has its label under it.
  const [cos, sin] = distance === 0 ? [0, 1] : [x / distance, y / distance];
  const middle = TEXT_PX / 2 - ((lines - 1) * LINE_PX) / 2;
  if (!isRing || Math.abs(cos) < UPRIGHT) {
    const top = y < 0 ? y - room - (lines - 1) * LINE_PX : y + room + TEXT_PX;
    return { id, text, more, x, y: top, anchor: 'middle' };
  }
  const shift = sin * LINE_PX * 0.6;
  return { id, text, more, x: x + Math.sign(cos) * room, y: y + middle + shift, anchor: cos > 0 ? 'start' : 'end' };
}

function boxOf({ x, y, anchor, text, more }: Label): Box {
  const width = Math.max(widthOf(text), widthOf(more));
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  const bottom = y + 3 + (more === '' ? 0 : LINE_PX);
  return { left: left - MARGIN_PX, right: left + width + MARGIN_PX, top: y - TEXT_PX, bottom };
}

/** Of a text in a label, in pixels; more than it takes, rather than less. */
export function widthOf(text: string): number {
  return [...text].reduce((sum, letter) => sum + TEXT_PX * (WIDE_LETTER.test(letter) ? 1 : LETTER_WIDTH), 0);
}

/** A name that fits into a width, in pixels, without its middle: names of nodes differ at their ends. */
export function shortened(name: string, width: number): string {
  if (widthOf(name) <= width) return name;
  const letters = [...name];
  for (let kept = letters.length - 1; kept > 1; kept--) {
    const text = `${letters.slice(0, Math.floor(kept / 2)).join('')}…${letters.slice(-Math.ceil(kept / 2)).join('')}`;
    if (widthOf(text) <= width) return text;
  }
  return '…';
}

function isWithin({ left, right, top, bottom }: Box, { width, height }: Size): boolean {
  return left >= -width / 2 && right <= width / 2 && top >= -height / 2 && bottom <= height / 2;
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
