/** RFC 6455, 5.5: a control frame has at most 125 bytes, of which the close code takes two. */
export const MAX_CLOSE_REASON_BYTES = 123;

/** The longest beginning of the text, in whole characters, that takes at most `maxBytes` in UTF-8. */
export function cutText(text: string, maxBytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes));
  return text.slice(0, read);
}
