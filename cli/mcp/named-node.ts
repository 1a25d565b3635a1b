import { nodeUrlIn } from '../../client/node-url.ts';
import { UsageError } from '../cli-errors.ts';

/**
 * Which of these nodes is meant by a text: its URL, in any form in which people write one, or the name that it gives itself. Throws
 * `UsageError` where none is, or several are.
 * @param nodeUrls as `parseNodeUrl` gives them
 * @param nameOf asks a node for its name; null where it does not answer. Asked only where the text is no URL of them
 */
export async function namedNode(
  nodeUrls: readonly string[],
  text: string,
  nameOf: (url: string) => Promise<string | null>,
): Promise<string> {
  const url = nodeUrlIn(text);
  if (url !== null && nodeUrls.includes(url)) return url;
  const names = await Promise.all(nodeUrls.map(nameOf));
  const [named, ...others] = nodeUrls.filter((_, index) => names[index] === text);
  if (named === undefined) {
    throw new UsageError(`node must be one of ${nodeUrls.join(', ')}, or the name of one of them, not "${text}"`);
  }
  if (others.length > 0) throw new UsageError(`several nodes are called "${text}": give one of ${nodeUrls.join(', ')}`);
  return named;
}
