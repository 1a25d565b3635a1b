/** Port of a node that is named without one. */
const DEFAULT_PORT = 5000;

/**
 * What people leave out of a node's URL: `5001` is a port of this machine, and without a scheme `http` and port 5000 are
 * meant. A text with a scheme is left as it is. Nothing is checked.
 */
export function completeNodeUrl(text: string): string {
  const trimmed = text.trim();
  if (/^\d{1,5}$/.test(trimmed)) return `http://127.0.0.1:${trimmed}`;
  if (/^[a-z]+:\/\//i.test(trimmed)) return trimmed;
  const [host = ''] = trimmed.split(/[/?#]/, 1);
  // Taken from the text, because a parsed URL forgets a port that is the scheme's default.
  const port = host === '' || /:\d*$/.test(host) ? '' : `:${DEFAULT_PORT}`;
  return `http://${host}${port}${trimmed.slice(host.length)}`;
}
