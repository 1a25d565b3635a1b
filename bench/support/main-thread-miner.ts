import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { decodeMessage, encodeMessage } from '../../protocol/messages.ts';
import { openKernel } from '../../workers/kernel/kernel.ts';

// What a node would be that mines where it talks to its peers: the same kernel on the main thread, in slices, with
// everything else in between. With the argument `idle` it does not mine, and shows what a round trip costs at least.
// Run as a child process; it sends its URL.

const SLICE_MS = 50;
const BATCH = 8_192;
const PREFIX_BYTES = 76;

const kernel = openKernel();
kernel.load(new Uint8Array(randomBytes(PREFIX_BYTES)), 0n);
let nonce = 0;

function mineSlice(): void {
  for (const end = performance.now() + SLICE_MS; performance.now() < end; nonce = (nonce + BATCH) % 2 ** 31) {
    kernel.search(nonce, BATCH);
  }
  setImmediate(mineSlice);
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', (data: Buffer) => {
    const message = decodeMessage(new Uint8Array(data));
    if (message.type === 'ping') socket.send(encodeMessage({ type: 'pong', nonce: message.nonce }));
  });
});
server.once('listening', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  if (process.argv[2] !== 'idle') mineSlice();
});
