import { parseAmount } from '../consensus/amount.ts';
import { ClientError } from './client-error.ts';
import type { CallOptions } from './client-options.ts';
import type { ResultOf } from './graphql.ts';
import type { NodeTransport } from './node-transport.ts';
import { MissingContractQuery } from './operation-documents.ts';
import { typedAnswer } from './typed-answers.ts';

/** Pending transactions among which a deploy is looked for; the API gives no more in a page. */
const MAX_LOOKED_AT = 100;

/** Why there is no contract at an address, which a node has just said: an error with the code `no-contract`. Throws {@link ClientError}. */
export async function missingContract(
  transport: NodeTransport,
  address: string,
  options: CallOptions = {},
): Promise<ClientError> {
  const answer = await transport.query(MissingContractQuery, { address, first: MAX_LOOKED_AT }, options);
  const reason = typedAnswer(transport.url, answer, reasonOf);
  return new ClientError('failed', `there is no contract at this address: ${reason}`, { code: 'no-contract' });
}

function reasonOf({ account, mempool }: ResultOf<typeof MissingContractQuery>): string {
  const pending = mempool.transactions.edges.map(({ node }) => node);
  const isDeployed = pending.some(({ kind, contract }) => kind === 'DEPLOY' && contract === account.address);
  if (isDeployed) return 'its deploy waits for a block, and can be called once it is in one';
  const isUsed = account.nonce !== '0' || parseAmount(account.balance) > 0n;
  if (isUsed) return 'it is that of an account';
  return 'nothing of this network has ever used it, or the deploy that would have made it has failed';
}
