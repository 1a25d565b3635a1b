import { isDevelopmentName } from '../../consensus/development-accounts.ts';
import { CommandError } from '../cli-errors.ts';
import { withArgumentsChecked } from '../contract/bad-argument.ts';
import { contractAddressOf } from '../contract/contract-address.ts';
import { eventText, reasonText, receiptJson, valueText } from '../contract/contract-text.ts';
import { jsonArguments } from '../contract/json-arguments.ts';
import { json } from '../output/output.ts';
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
  await askNode(flags, context, async ({ client }) => {
    const simulated = await withArgumentsChecked(client.simulateCall(request));
    const { ok, gasUsed, result, events, error } = simulated;
    if (!ok) throw new CommandError(`the call fails: ${reasonText(error)}`);
    if (flags.json) return terminal.print(json(receiptJson(simulated)));
    for (const event of events) terminal.printError(`it would emit ${eventText(event)}`);
    if (result === null) terminal.printError(`${method} gives nothing; as a call it would use ${gasUsed} gas`);
    else terminal.print(valueText(result));
  });
}
