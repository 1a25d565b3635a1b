import { ClientError } from '../../client/client-error.ts';
import { UsageError } from '../cli-errors.ts';

/** The result of an operation of the client, of whose arguments the user typed all. Throws `UsageError` where one cannot be meant. */
export async function withArgumentsChecked<Result>(operation: Promise<Result>): Promise<Result> {
  try {
    return await operation;
  } catch (error) {
    if (error instanceof ClientError && error.kind === 'bad-argument') throw new UsageError(error.message);
    throw error;
  }
}
