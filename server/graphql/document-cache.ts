import type { DocumentNode } from 'graphql';
import { BoundedMap } from '../../protocol/bounded-map.ts';

/** Documents that are kept, the oldest forgotten first. */
const MAX_REMEMBERED = 200;
/** Longer texts are parsed and validated each time: a program asks the same short questions again and again. */
const MAX_REMEMBERED_CHARS = 8 * 1024;

/**
 * Documents by their text, parsed; what validation says of them is kept as long as they are. Bounded in the size of the
 * texts as well as in their number, or anybody could fill the memory with texts that never come again.
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
