import assert from 'node:assert/strict';
import { getHeapStatistics } from 'node:v8';

/** A class of errors. */
export type ErrorClass = abstract new (...args: never[]) => Error;

/** No decoder may take so long for one input. The bound is generous: what it finds is a hang, not a slow machine. */
const MAX_SECONDS = 5;
/** Memory that one decoding may leave behind: a constant for the collector's whims, and a multiple of the input. */
const FREE_BYTES = 96 * 1024 * 1024;
const BYTES_FOR_EACH_BYTE = 2_048;
/** Longest message of an error. Whoever sees it sees one line or two; the foreign part of it is cut. */
export const MAX_MESSAGE_CHARS = 500;
const CONTROL_CHARACTERS = /\p{Cc}/u;
const HALF_CHARACTERS = /\p{Cs}/u;

/** What a decoder made of an input: a value, or null where it refused it. */
export type Outcome<T> = { readonly value: T } | null;

/**
 * Runs a decoder on foreign input: it must give a value or throw one of its documented errors, with a message that can
 * be shown, in reasonable time, and without holding on to more memory than the input's size explains.
 */
export function outcomeOf<T>(inputSize: number, refusals: readonly ErrorClass[], decode: () => T): Outcome<T> {
  const heapBefore = heapBytes();
  const startMs = performance.now();
  try {
    return { value: decode() };
  } catch (error) {
    const isDocumented = refusals.some((refusal) => error instanceof refusal);
    if (!isDocumented || !(error instanceof Error)) throw error;
    checkMessage(error.message);
    return null;
  } finally {
    assert.ok(performance.now() - startMs < MAX_SECONDS * 1_000, `took more than ${MAX_SECONDS} s`);
    const grownBytes = heapBytes() - heapBefore;
    const allowedBytes = FREE_BYTES + BYTES_FOR_EACH_BYTE * inputSize;
    assert.ok(grownBytes < allowedBytes, `${inputSize} bytes of input cost ${grownBytes} bytes of memory`);
  }
}

/** A message for people: short, and without characters that do something to a terminal. */
export function checkMessage(message: string): void {
  assert.ok(
    message.length <= MAX_MESSAGE_CHARS,
    `a message of ${message.length} characters: ${message.slice(0, 200)}…`,
  );
  assert.ok(!CONTROL_CHARACTERS.test(message), `a message with control characters: ${JSON.stringify(message)}`);
  assert.ok(!HALF_CHARACTERS.test(message), `a message with half a character: ${JSON.stringify(message)}`);
}

/** What the command line prints of an error, line by line. */
export function checkErrorOutput(text: string): void {
  for (const line of text.split('\n')) checkMessage(line.replace(/^error: /, ''));
}

function heapBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}
