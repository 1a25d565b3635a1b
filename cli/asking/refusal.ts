import { ClientError } from '../../client/client-error.ts';
import { printable } from '../../consensus/quotable.ts';
import { CommandError } from '../cli-errors.ts';

/**
 * The result of an operation that the node may refuse for a reason of its own. Throws `CommandError` that says in `words`
 * what was refused, with reason and code; any other error as it is.
 */
export async function unlessRefused<Result>(words: string, operation: Promise<Result>): Promise<Result> {
  try {
    return await operation;
  } catch (error) {
    const isRefusal = error instanceof ClientError && error.kind === 'failed' && !error.details.apiErrors;
    if (!isRefusal) throw error;
    throw new CommandError(`${words}: ${printable(error.message)} (${printable(error.code)})`);
  }
}
