/** Limits of the wire protocol. Exactly the limit is fine; one more is malformed and costs the connection. */

/** Version in `hello`; peers of another version are refused. */
export const PROTOCOL_VERSION = 1;
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
/** No block of 1,000,000 bytes can hold more transactions (the smallest has 147 bytes), so no compact block can either. */
export const MAX_BLOCK_TRANSFERS = 6_802;
