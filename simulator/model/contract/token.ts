import type { Place } from './refusal.ts';

/**
 * A part of a source. Of a template text with values there is a `head` up to the first `${`, a `middle` between two values,
 * and a `tail`; one without values is a `template`.
 */
export interface Token extends Place {
  readonly kind: 'word' | 'number' | 'text' | 'template' | 'head' | 'middle' | 'tail' | 'sign' | 'end';
  /** The word or sign; the content of a text. */
  readonly text: string;
  /** Of a number: a bigint if it has an `n`. */
  readonly value: number | bigint;
  /** Whether a line ends between the token before and this one. */
  readonly startsLine: boolean;
}
