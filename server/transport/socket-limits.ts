import { MAX_FRAME_BYTES } from '../../protocol/limits.ts';

/** A node answers a dial with this subprotocol, or it speaks another language. */
export const PEER_SUBPROTOCOL = 'forklore.1';
/** Frames of one message. Nodes send one; some implementations cut large messages. More: the peer is at fault. */
const MAX_FRAGMENTS = 64;
/** Pieces in which the network may deliver one frame: 4 MiB in pieces of 256 bytes. More: the peer is at fault. */
const MAX_BUFFERED_CHUNKS = 16_384;
/** A peer that does not answer our close in time is cut off. */
export const CLOSE_TIMEOUT_MS = 5_000;

/** Options of `ws` that hold for both directions. Compression costs 10 to 38 times the transfer, and memory. */
export const SOCKET_OPTIONS = {
  maxPayload: MAX_FRAME_BYTES,
  perMessageDeflate: false,
  maxFragments: MAX_FRAGMENTS,
  maxBufferedChunks: MAX_BUFFERED_CHUNKS,
  closeTimeout: CLOSE_TIMEOUT_MS,
};
