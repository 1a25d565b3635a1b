/** A segment does not begin with a dot, so that none leads upwards; nothing is escaped, so that a path has one spelling. */
const BASE_PATH = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$/;
/** Where a node's API is, below its base path. */
const API_SEGMENT = '/graphql';

/**
 * Whether a text can be the path below which a reverse proxy serves a node, such as `/nodes/1`: empty, or segments without
 * a slash at the end. One that ends in `/graphql` names the API and not the node.
 */
export function isBasePath(text: string): boolean {
  return BASE_PATH.test(text) && !text.endsWith(API_SEGMENT);
}
