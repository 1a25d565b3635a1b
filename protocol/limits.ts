import { MAX_BLOCK_BYTES } from '../consensus/block.ts';
import { TRANSFER_FIXED_BYTES } from '../consensus/transaction.ts';

/** Limits of the wire protocol. Exactly the limit is fine; one more is malformed and costs the connection. */

/** Version in `hello`; peers of another version are refused. */
export const PROTOCOL_VERSION = 2;
/** Largest frame in bytes, enough for four blocks; the transport enforces the same. */
export const MAX_FRAME_BYTES = 4 * 1024 * 1024;
export const MAX_HEADERS_PER_MESSAGE = 2_000;
export const MAX_LOCATOR_HASHES = 101;
export const MAX_INV_TXIDS = 1_000;
export const MAX_TRANSACTIONS_PER_MESSAGE = 1_000;
export const MAX_BLOCKS_PER_REQUEST = 128;
export const MAX_ADDRESSES_PER_MESSAGE = 1_000;
export const MAX_URL_BYTES = 256;
/** Largest TCP port. */
export const MAX_PORT = 65_535;
export const MAX_USER_AGENT_BYTES = 128;
export const MAX_REASON_BYTES = 255;
export const SHORT_ID_BYTES = 6;
/**
 * No valid block can hold more signed transactions, so no compact block can either: the smallest that is sane is a transfer of 147
 * bytes. A deploy has 150 at least, a call 152.
 */
export const MAX_BLOCK_TRANSFERS = Math.floor(MAX_BLOCK_BYTES / TRANSFER_FIXED_BYTES);
