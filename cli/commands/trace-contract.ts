import { ClientError } from '../../client/client-error.ts';
import type { CallTrace } from '../../client/contract-types.ts';
import type { NodeClient } from '../../client/node-client.ts';
import type { TracePage } from '../../client/trace-types.ts';
import { isDevelopmentName } from '../../consensus/development-accounts.ts';
import { isHash } from '../../consensus/hash.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { withArgumentsChecked } from '../contract/bad-argument.ts';
import { contractAddressOf } from '../contract/contract-address.ts';
import { jsonArguments } from '../contract/json-arguments.ts';
import { beginningText, endText, traceTable } from '../contract/trace-table.ts';
import { json, type Terminal } from '../output/output.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';
import { amountOf, partyOf } from './spending.ts';

/** Flags of `forklore contract trace`. */
interface TraceFlags extends ClientFlags {
  readonly from?: string;
  readonly amount?: string;
}

type ReadPage = (page: TracePage) => Promise<CallTrace>;

/** `forklore contract trace`: the steps of a transaction, or of a dry run of a method. */
export async function traceContract(
  target: string,
  method: string | undefined,
  args: readonly string[],
  flags: TraceFlags,
  context: CliContext,
): Promise<void> {
  const readerOf = method === undefined ? ofTransaction(target, flags) : ofCall(target, method, args, flags);
  await askNode(flags, context, async ({ client }) => {
    const trace = await new TraceReader(client, context.terminal, flags).run(readerOf(client));
    if (trace.error !== null && method !== undefined) throw new CommandError('the call fails');
  });
}

function ofTransaction(id: string, { from, amount }: TraceFlags): (client: NodeClient) => ReadPage {
  const txid = id.toLowerCase();
  if (!isHash(txid))
    throw new UsageError(
      `give the id of a transaction (64 hex digits), or ADDRESS METHOD and arguments; "${id}" is no id`,
    );
  if (from !== undefined || amount !== undefined)
    throw new UsageError('--from and --amount belong to the dry run of a method, not to a transaction');
  return (client) => async (page) => {
    const trace = await client.transactionTrace(txid, page);
    if (trace !== null) return trace;
    throw new CommandError(`${txid} is no deploy or call in a block of this node's chain; nothing else can be traced`);
  };
}

function ofCall(
  contract: string,
  method: string,
  args: readonly string[],
  { from, amount }: TraceFlags,
): (client: NodeClient) => ReadPage {
  const request = {
    contract: contractAddressOf(contract),
    method,
    arguments: jsonArguments(args),
    ...(from !== undefined && { caller: isDevelopmentName(from) ? from : partyOf('--from', from).text }),
    ...(amount !== undefined && { amount: amountOf('--amount', amount) }),
  };
  return (client) => {
    let executedOn: string | undefined;
    return async (page) => {
      const { trace, tip } = await withArgumentsChecked(client.simulateCall({ ...request, trace: page }));
      if (trace === null) throw new ClientError('not-a-node', `${client.url} gives no trace`);
      executedOn ??= tip;
      // Each page is a dry run of its own: of another state it would continue another execution.
      if (tip !== executedOn) throw new CommandError('a block came while the steps were read; run the command again');
      return trace;
    };
  };
}

/** Reads a trace page by page, and shows it as it comes. */
class TraceReader {
  readonly #client: NodeClient;
  readonly #terminal: Terminal;
  readonly #isJson: boolean;
  readonly #sources = new Map<string, string>();

  constructor(client: NodeClient, terminal: Terminal, { json: isJson }: TraceFlags) {
    this.#client = client;
    this.#terminal = terminal;
    this.#isJson = isJson === true;
  }

  /** The whole trace. */
  async run(readPage: ReadPage): Promise<CallTrace> {
    const first = await readPage({});
    if (!this.#isJson) this.#terminal.printError(beginningText(first));
    const steps = [...first.steps];
    await this.#show(first);
    for (let page = first; page.steps.length > 0 && steps.length < first.total; ) {
      page = await readPage({ from: steps.length });
      await this.#show(page);
      if (this.#isJson) steps.push(...page.steps);
      else steps.length += page.steps.length;
    }
    const whole = { ...first, steps };
    if (this.#isJson) this.#terminal.print(json(whole));
    else this.#terminal.printError(endText(first));
    return whole;
  }

  async #show(page: CallTrace): Promise<void> {
    if (this.#isJson || page.steps.length === 0) return;
    for (const contract of new Set(page.steps.map((step) => step.contract))) {
      if (this.#sources.has(contract)) continue;
      const known = await this.#client.contractInfo(contract);
      if (known !== null) this.#sources.set(contract, known.source);
    }
    this.#terminal.print(traceTable(page, this.#sources, this.#terminal));
  }
}
