// `forklore/client` in Node.js, which has no WebSocket of its own before version 22, and whose own fetch takes half as long again
// for a question to a node.

import { readClientOptions } from '../arguments.ts';
import type { NodeClientOptions } from '../client-options.ts';
import type { NodeClient } from '../node-client.ts';
import { NodeTransport } from '../node-transport.ts';
import { parseNodeUrl } from '../node-url.ts';
import { Operations } from '../operations.ts';
import { httpFetch } from './http-fetch.ts';
import { limitedWebSocket } from './limited-web-socket.ts';

export * from '../public-names.ts';

/** Largest message that is read where the options name no other limit. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** A client of one node; nothing is asked before its first operation. Throws `NodeUrlError`, and `ClientError` `bad-argument`. */
export function connectNode(options: NodeClientOptions): NodeClient {
  const read = readClientOptions(options);
  const webSocket = limitedWebSocket(read.maxAnswerBytes ?? MAX_MESSAGE_BYTES);
  return new Operations(new NodeTransport({ webSocket, fetch: httpFetch, ...read, url: parseNodeUrl(read.url) }));
}
