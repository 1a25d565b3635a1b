import type { NetworkClaim } from '../consensus/spending-rules.ts';
import type { CallOptions } from './client-options.ts';
import { DevAccountKeysQuery } from './documents.ts';
import type { NodeTransport } from './node-transport.ts';
import type { ShownAccount } from './transfer-parties.ts';
import { typedAnswer } from './typed-answers.ts';

// What a node says is compared and signed as text: a field that is none is found here, and not while it is used. All but
// shownAccounts throw `TypeError` then; they are used within typedAnswer.

/** What a node says of its network. */
export function networkOf({ network, genesisHash, addressPrefix }: NetworkClaim): NetworkClaim {
  return { network: textOf(network), genesisHash: textOf(genesisHash), addressPrefix: textOf(addressPrefix) };
}

/** The development accounts that a node shows. Throws `ClientError`. */
export async function shownAccounts(transport: NodeTransport, options: CallOptions): Promise<readonly ShownAccount[]> {
  const answer = await transport.query(DevAccountKeysQuery, {}, options);
  return typedAnswer(transport.url, answer, ({ devAccounts }) => devAccounts.map(shownAccountOf));
}

function shownAccountOf({ name, address, secretKey }: ShownAccount): ShownAccount {
  return { name: textOf(name), address: textOf(address), secretKey: textOf(secretKey) };
}

/** A text that a node gives. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError('a text is missing');
}
