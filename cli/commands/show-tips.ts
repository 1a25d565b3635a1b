import type { ResultOf } from '../../client/graphql.ts';
import { TipsQuery } from '../../client/operation-documents.ts';
import { type Colors, json, orDash } from '../output/output.ts';
import { table } from '../output/table.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

type ChainTip = ResultOf<typeof TipsQuery>['chainTips'][number];

/** `forklore tips`: the last blocks of all branches that the node knows. */
export async function showTips(flags: ClientFlags, context: CliContext): Promise<void> {
  const { terminal } = context;
  await withNode(flags, context, async ({ transport }) => {
    const { chainTips } = await transport.query(TipsQuery, {});
    if (flags.json) return terminal.print(json(chainTips));
    const headings = ['height', 'hash', 'status', 'branch', 'total work'];
    const rows = chainTips.map((tip) => rowOf(tip, terminal.colors));
    terminal.print(table(terminal.colors, headings, rows, ['height', 'branch', 'total work']));
  });
}

function rowOf({ height, hash, status, branchLength, totalWork }: ChainTip, colors: Colors): string[] {
  const text = orDash(status.toLowerCase().replaceAll('_', '-'));
  const blocks = branchLength === 0 ? orDash(null) : orDash(branchLength);
  return [orDash(height), orDash(hash), colored(text, status, colors), blocks, orDash(totalWork)];
}

function colored(text: string, status: string, colors: Colors): string {
  if (status === 'ACTIVE') return colors.green(text);
  return status === 'INVALID' ? colors.red(text) : colors.yellow(text);
}
