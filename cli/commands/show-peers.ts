import type { Shape, Shaped } from '../asking/answer-shape.ts';
import { json, orDash, table } from '../output/output.ts';
import { type CliContext, type ClientFlags, openSession } from './client-context.ts';

const QUERY = '{ peers { id url direction state height latencyMs userAgent connectedAt graphqlUrl } }';

const PEER = {
  id: 'text',
  url: 'text?',
  direction: 'text',
  state: 'text',
  height: 'number?',
  latencyMs: 'number?',
  userAgent: 'text?',
} as const satisfies Shape;
type PeerData = Shaped<typeof PEER>;

/** `forklore peers`: the nodes that the node is connected to. */
export async function showPeers(flags: ClientFlags, context: CliContext): Promise<void> {
  const { peers } = await openSession(flags, context).query(QUERY, { peers: [PEER] });
  const { terminal } = context;
  if (flags.json) return terminal.print(json(peers));
  if (peers.length === 0) return terminal.print('no peers');
  const headings = ['id', 'url', 'direction', 'state', 'height', 'latency', 'user agent'];
  terminal.print(table(terminal.colors, headings, peers.map(rowOf), ['height', 'latency']));
}

function rowOf(peer: PeerData): string[] {
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
