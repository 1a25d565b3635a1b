import type { PackedPosition } from './source-position.ts';

/** What a source is made of, without its comments and spaces. */
export type Token = { readonly at: PackedPosition } & (
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string }
  | { readonly kind: 'literal'; readonly text: string; readonly value: number | bigint | string }
  /** A piece of a template text: the first one follows a backtick, the last one ends with one. */
  | {
      readonly kind: 'piece';
      readonly text: string;
      readonly value: string;
      readonly first: boolean;
      readonly last: boolean;
    }
  | { readonly kind: 'end'; readonly text: string }
);
