/** Longest line that a mining program may send, in bytes; one that sends more is closed. Theirs have some hundred. */
export const MAX_LINE_BYTES = 4_096;
/** Connections in all; further ones are closed at once. */
export const MAX_CONNECTIONS = 256;
/** Connections of one client: of an IPv4 address, or of an IPv6 network. Further ones are closed at once. */
export const MAX_CONNECTIONS_PER_CLIENT = 64;
/** Addresses that one client may have paid by jobs of their own, out of `MAX_PAYEES`: others still get in. */
export const MAX_PAYEES_PER_CLIENT = 8;
/** Lines that a connection may send at once; after that it is read at {@link LINES_PER_SECOND}. */
export const LINE_BURST = 100;
/** Lines per second that are read from one connection. What it sends beyond that waits in its socket. */
export const LINES_PER_SECOND = 20;
/** A connection that mines for nobody this long after it was opened is closed. */
export const HANDSHAKE_MS = 30_000;
/** A connection without a whole line for this long is closed. A program that mines sends a share every few seconds. */
export const MAX_SILENCE_MS = 600_000;
/** Interval at which these two are looked for. */
export const SWEEP_MS = 5_000;
/** What may wait to be read by a connection, in bytes; one that reads less is closed. A job has some hundred to 2,000. */
export const MAX_UNSENT_BYTES = 262_144;
/** Jobs that a connection may still submit shares for: the newest of this tip. Shares for older ones are stale. */
export const MAX_OPEN_JOBS = 16;
/**
 * Shares of a connection on one tip that are remembered, to refuse repeated ones; beyond that the oldest are forgotten. At
 * {@link LINES_PER_SECOND} they are those of 200 seconds, and the jobs that are open are renewed every 10.
 */
export const MAX_SHARES_REMEMBERED = 4_096;
/** Longest name of a worker and of a program, in characters. */
export const MAX_NAME_CHARS = 100;
/** Extensions of BIP 310 that one request may ask for; further ones are not answered. */
export const MAX_EXTENSIONS = 16;
