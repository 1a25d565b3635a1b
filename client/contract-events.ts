import { readCallOptions, readEventFilter } from './arguments.ts';
import type { CallOptions } from './client-options.ts';
import type { ContractEventPage } from './contract-types.ts';
import type { NodeTransport } from './node-transport.ts';
import { ContractEventsQuery } from './operation-documents.ts';
import type { ContractEventFilter } from './requests.ts';
import { eventPageOf, typedAnswer } from './typed-answers.ts';

/** A page of what contracts emitted on the active chain, newest first. Throws `ClientError`. */
export async function contractEvents(
  transport: NodeTransport,
  filter: ContractEventFilter,
  options?: CallOptions,
): Promise<ContractEventPage> {
  const answer = await transport.query(ContractEventsQuery, readEventFilter(filter), readCallOptions(options ?? {}));
  return typedAnswer(transport.url, answer, (data) => eventPageOf(data.contractEvents));
}
