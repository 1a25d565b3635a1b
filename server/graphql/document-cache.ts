import type { DocumentNode } from 'graphql';
import { BoundedMap } from '../../protocol/bounded-map.ts';

/** Number of cached documents; the oldest are evicted first. */
const MAX_REMEMBERED = 200;
/** Longer texts are not cached: what programs repeat are short queries. */
const MAX_REMEMBERED_CHARS = 8 * 1024;

/**
 * Parsed documents by their text; validation results live as long as they do. Bounded in text length as well as in
 * number, or anyone could fill the memory with texts that are never repeated.
 */
export class DocumentCache {
  readonly #documents = new BoundedMap<string, DocumentNode>(MAX_REMEMBERED);

  get(text: string): DocumentNode | undefined {
    return this.#documents.get(text);
  }

  set(text: string, document: DocumentNode): void {
    if (text.length <= MAX_REMEMBERED_CHARS) this.#documents.set(text, document);
  }
}
