import { NodeUrlError, parseNodeUrl } from '../../client/node-url.ts';
import { OptionError } from '../../server/process/expected-error.ts';

/** Base URL of a node's API, from whatever names a node; see `parseNodeUrl`. Throws `OptionError` that names `label`. */
export function parseNodeToAsk(label: string, text: string): string {
  try {
    return parseNodeUrl(text);
  } catch (error) {
    if (!(error instanceof NodeUrlError)) throw error;
    throw new OptionError(`${label} must be a port, host:port or URL such as http://127.0.0.1:5000, not "${text}"`);
  }
}
