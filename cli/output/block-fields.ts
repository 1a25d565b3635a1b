import type { ResultOf } from '../../client/graphql.ts';
import type { TipQuery } from '../../client/operation-documents.ts';
import { accountText } from './account-text.ts';
import { type Colors, formatTime, orDash } from './output.ts';

/** A block as the command line asks for it. */
export type ShownBlock = ResultOf<typeof TipQuery>['tip'];

/** What a block is, for people. */
export function blockFields(block: ShownBlock, colors: Colors): [string, string][] {
  const place = block.canonical
    ? `${colors.green('active chain')}, ${block.confirmations} confirmation${block.confirmations === 1 ? '' : 's'}`
    : colors.yellow('side branch');
  return [
    ['height', colors.bold(orDash(block.height))],
    ['hash', orDash(block.hash)],
    ['parent', orDash(block.header.prevHash)],
    ['place', place],
    ['time', formatTime(block.time, Date.now())],
    ['miner', accountText(block.miner)],
    ['reward', orDash(block.reward)],
    ['transactions', orDash(block.transactionCount)],
    ...(block.gasUsed ? [['gas used', orDash(block.gasUsed)] as [string, string]] : []),
    ['size', `${orDash(block.size)} bytes`],
    ['difficulty', orDash(block.difficulty)],
    ['total work', orDash(block.totalWork)],
    ['merkle root', orDash(block.header.merkleRoot)],
    ['header nonce', orDash(block.header.nonce)],
  ];
}
