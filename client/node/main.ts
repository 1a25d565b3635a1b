// `forklore/client` in Node.js, which has no WebSocket of its own before version 22.

import { readClientOptions } from '../arguments.ts';
import type { NodeClientOptions } from '../client-options.ts';
import { connectNode as connectWith } from '../connect-node.ts';
import type { NodeClient } from '../types.ts';
import { limitedWebSocket } from './limited-web-socket.ts';

export * from '../public-names.ts';

/** Largest message that is read where the options name no other limit. */
const MAX_MESSAGE_BYTES = 32 * 1024 * 1024;

/** A client of one node; nothing is asked before its first operation. Throws `NodeUrlError`, and `ClientError` `bad-argument`. */
export function connectNode(options: NodeClientOptions): NodeClient {
  const read = readClientOptions(options);
  return connectWith({ webSocket: limitedWebSocket(read.maxAnswerBytes ?? MAX_MESSAGE_BYTES), ...read });
}
