import { completeNodeUrl } from '../../consensus/complete-node-url.ts';
import { OptionError } from '../process/expected-error.ts';
import { normalisePeerUrl, PeerUrlError } from '../transport/peer-url.ts';
import type { Setting } from './settings.ts';

/** The URL of a node to connect to, in its canonical form; what people leave out is completed. Throws `OptionError`. */
export function parsePeerUrl({ label, text }: Setting): string {
  return withLabel(label, () => normalisePeerUrl(completeNodeUrl(text)));
}

/** A node's URL in its canonical form. Throws `OptionError`. */
export function parseCanonicalUrl({ label, text }: Setting): string {
  return withLabel(label, () => normalisePeerUrl(text));
}

/** Throws `OptionError` that begins with this label where a URL is not one of a node. */
export function withLabel(label: string, makeUrl: () => string): string {
  try {
    return makeUrl();
  } catch (error) {
    throw error instanceof PeerUrlError ? new OptionError(`${label} ${error.message}`) : error;
  }
}
