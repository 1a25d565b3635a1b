import type { Peer } from '../../client/types.ts';
import { weatherText } from '../output/link-lines.ts';
import { json, orDash } from '../output/output.ts';
import { table } from '../output/table.ts';
import { askNode, type CliContext, type ClientFlags } from './client-context.ts';

/** `forklore peers`: the nodes that the node is connected to. */
export async function showPeers(flags: ClientFlags, context: CliContext): Promise<void> {
  const { terminal } = context;
  await askNode(flags, context, async ({ client }) => {
    const peers = await client.peers();
    if (flags.json) return terminal.print(json(peers));
    printPeers(peers, context);
    const links = await client.linkConditions();
    if (links.length > 0) terminal.print(`\n${weatherText(links, terminal.colors)}`);
  });
}

function printPeers(peers: readonly Peer[], { terminal }: CliContext): void {
  if (peers.length === 0) return terminal.print('no peers');
  const headings = ['id', 'url', 'direction', 'state', 'height', 'latency', 'user agent'];
  terminal.print(table(terminal.colors, headings, peers.map(rowOf), ['height', 'latency']));
}

function rowOf(peer: Peer): string[] {
  return [
    orDash(peer.id),
    orDash(peer.url),
    orDash(peer.direction.toLowerCase()),
    orDash(peer.state.toLowerCase()),
    orDash(peer.height),
    peer.latencyMs === null ? orDash(null) : `${peer.latencyMs.toFixed(1)} ms`,
    orDash(peer.userAgent),
  ];
}
