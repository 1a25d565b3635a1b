import type { ApiContext } from './builder.ts';
import { forbidden } from './errors.ts';

export const NEEDS_TOKEN =
  'controlling this node needs its token: send the header Authorization: Bearer … with the content of its token file, ' +
  'whose path the node prints at startup; see --admin-token-file';

/** Throws FORBIDDEN where the caller may not control the node. */
export function requireControl({ mayControl }: ApiContext): void {
  if (!mayControl) throw forbidden(NEEDS_TOKEN);
}
