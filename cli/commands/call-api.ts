import { ClientError } from '../../client/client-error.ts';
import { DocumentError } from '../../client/document-error.ts';
import { type ParsedOperation, parseOperation } from '../../client/parse-operation.ts';
import { printable } from '../../consensus/quotable.ts';
import { readTextFile } from '../../server/settings/read-text-file.ts';
import { nodeProblem } from '../asking/node-problem.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { json } from '../output/output.ts';
import { type CliContext, type ClientFlags, type NodeSession, withNode } from './client-context.ts';
import { readInput } from './read-input.ts';

/** Stands for standard input in place of a document. */
const STDIN = '-';
/** Longest piped query; nodes take less. */
const MAX_QUERY_BYTES = 1024 * 1024;
const VARIABLE = /^([_A-Za-z][_A-Za-z0-9]*)=(.*)$/s;

/** Flags of `forklore api`. */
export interface ApiFlags extends ClientFlags {
  readonly queryFile?: string;
  readonly var?: readonly string[];
}

type Variables = Record<string, unknown>;
type Operation = ParsedOperation<unknown>;

/** `forklore api`: a query or a mutation in GraphQL; prints the data as JSON. */
export async function callApi(text: string | undefined, flags: ApiFlags, context: CliContext): Promise<void> {
  const variables = variablesOf(flags.var ?? []);
  const operation = operationOf(await readDocument(text, flags, context));
  await withNode(flags, context, async (session) => {
    context.terminal.print(json(await answerOf(operation, variables, session)));
  });
}

async function answerOf({ kind, document }: Operation, variables: Variables, session: NodeSession): Promise<unknown> {
  const { transport, node } = session;
  // Mining takes as long as it takes.
  const options = { timeoutMs: Number.POSITIVE_INFINITY };
  try {
    if (kind === 'mutation') return await transport.mutate(document, variables, options);
    return await transport.query(document, variables, options);
  } catch (error) {
    if (!(error instanceof ClientError) || error.details.apiErrors === undefined) throw error;
    if (error.code === 'FORBIDDEN') throw nodeProblem(node, error);
    const messages = error.details.apiErrors.map(({ message, code }) => `${printable(message)} (${printable(code)})`);
    throw new CommandError(messages.join('; '));
  }
}

async function readDocument(text: string | undefined, flags: ApiFlags, { stdin }: CliContext): Promise<string> {
  if (text !== undefined && flags.queryFile !== undefined) {
    throw new UsageError('QUERY and --query-file exclude each other: give one of them');
  }
  if (flags.queryFile !== undefined) return readTextFile('--query-file', flags.queryFile);
  if (text === undefined)
    throw new UsageError(
      "QUERY is missing: give it as '{ tip { height } }', by --query-file FILE, or as - from a pipe",
    );
  if (text !== STDIN) return text;
  if (stdin.isTTY) throw new UsageError('QUERY - needs the query from a pipe or a file: … < FILE');
  return await readInput(stdin, 'a query', MAX_QUERY_BYTES);
}

function operationOf(text: string): Operation {
  try {
    return parseOperation(text);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const advice = error.problem === 'subscription' ? '; see forklore watch' : '';
    throw new UsageError(`${error.message.replace(/^the document/, 'QUERY')}${advice}`);
  }
}

function variablesOf(texts: readonly string[]): Variables {
  const variables = new Map<string, unknown>();
  for (const text of texts) {
    const [, name, value] = VARIABLE.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new UsageError(`--var must be NAME=VALUE, not "${text}"`);
    if (variables.has(name)) throw new UsageError(`--var ${name} is given twice`);
    variables.set(name, valueOfText(value));
  }
  return Object.fromEntries(variables);
}

/**
 * JSON, or the text itself where it is none: `5`, `true`, `null`, `["a"]`, `"5"` are JSON, `Alice` is text. A number that
 * JavaScript cannot hold exactly, as a hash of digits alone would be, is text too.
 */
function valueOfText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' && String(value) !== text.trim() ? text : value;
  } catch {
    return text;
  }
}
