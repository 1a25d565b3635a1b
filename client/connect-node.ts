import { readClientOptions } from './arguments.ts';
import type { NodeClientOptions } from './client-options.ts';
import type { NodeClient } from './node-client.ts';
import { NodeTransport } from './node-transport.ts';
import { parseNodeUrl } from './node-url.ts';
import { Operations } from './operations.ts';

/** A client of one node; nothing is asked before its first operation. Throws `NodeUrlError`, and `ClientError` `bad-argument`. */
export function connectNode(options: NodeClientOptions): NodeClient {
  const read = readClientOptions(options);
  return new Operations(new NodeTransport({ ...read, url: parseNodeUrl(read.url) }));
}
