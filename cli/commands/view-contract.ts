import type { CallError } from '../../client/contract-types.ts';
import type { NodeTransport } from '../../client/node-transport.ts';
import { ContractSourceQuery } from '../../client/operation-documents.ts';
import { isDevelopmentName } from '../../consensus/development-accounts.ts';
import { CommandError } from '../cli-errors.ts';
import { withArgumentsChecked } from '../contract/bad-argument.ts';
import { contractAddressOf } from '../contract/contract-address.ts';
import { eventText, paymentText, reasonText, receiptJson, valueText } from '../contract/contract-text.ts';
import { jsonArguments } from '../contract/json-arguments.ts';
import { showPlace } from '../contract/show-place.ts';
import { json, type Terminal } from '../output/output.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';
import { amountOf, partyOf } from './spending.ts';

/** Flags of `forklore contract view`. */
interface ViewFlags extends ClientFlags {
  readonly from?: string;
  readonly amount?: string;
}

/** `forklore contract view`: what a method gives at the tip. */
export async function viewContract(
  contract: string,
  method: string,
  args: readonly string[],
  flags: ViewFlags,
  context: CliContext,
): Promise<void> {
  const { terminal } = context;
  const { from, amount } = flags;
  const request = {
    contract: contractAddressOf(contract),
    method,
    arguments: jsonArguments(args),
    ...(from !== undefined && { caller: isDevelopmentName(from) ? from : partyOf('--from', from).text }),
    ...(amount !== undefined && { amount: amountOf('--amount', amount) }),
  };
  await askNode(flags, context, async ({ client, transport }) => {
    const simulated = await withArgumentsChecked(client.simulateCall(request));
    const { ok, gasUsed, result, events, payments, error } = simulated;
    if (flags.json) terminal.print(json(receiptJson(simulated)));
    if (!ok) {
      await showFailure(error, transport, terminal);
      throw new CommandError(`the call fails: ${reasonText(error)}`);
    }
    if (flags.json) return;
    for (const event of events) terminal.printError(`it would emit ${eventText(event)}`);
    for (const payment of payments) terminal.printError(`it would pay ${paymentText(payment, simulated.contract)}`);
    if (result === null) terminal.printError(`${method} gives nothing; as a call it would use ${gasUsed} gas`);
    else terminal.print(valueText(result));
  });
}

/** Draws the line that failed, of whichever contract it is. */
async function showFailure(error: CallError | null, transport: NodeTransport, terminal: Terminal): Promise<void> {
  if (!error?.contract || !error.line || !error.column) return;
  const { contract } = await transport.query(ContractSourceQuery, { address: error.contract });
  if (contract !== null) showPlace(contract.source, error.line, error.column, terminal);
}
