import type { Peer } from '../../client/types.ts';
import { printable, quotable } from '../../consensus/quotable.ts';
import { parsePeerUrl } from '../../server/settings/peer-url-value.ts';
import { unlessRefused } from '../asking/refusal.ts';
import { CommandError } from '../cli-errors.ts';
import { json, orDash } from '../output/output.ts';
import { type CliContext, type ClientFlags, withNode } from './client-context.ts';

/** `forklore connect`: lets the node connect to another, and returns when the handshake is complete. */
export async function connectPeer(text: string, flags: ClientFlags, context: CliContext): Promise<void> {
  const { terminal } = context;
  const url = parsePeerUrl({ label: 'URL', text });
  await withNode(flags, context, async ({ client }) => {
    const id = await unlessRefused(`cannot connect to ${url}`, client.connectPeer(url));
    terminal.print(flags.json ? json({ id, url }) : `connected to ${url}, peer ${printable(id)}`);
  });
}

/** `forklore disconnect`: ends the connection to a peer, which is named by its id or its URL. */
export async function disconnectPeer(text: string, flags: ClientFlags, context: CliContext): Promise<void> {
  const { terminal } = context;
  await withNode(flags, context, async ({ client }) => {
    const { id, url } = peerOf(text, await client.peers());
    await unlessRefused(`cannot disconnect peer ${printable(id)}`, client.disconnectPeer(id));
    const place = url === null ? '' : ` (${printable(url)})`;
    terminal.print(flags.json ? json({ id, url }) : `disconnected peer ${printable(id)}${place}`);
  });
}

/** An id comes first: it is what the peers are listed by. */
function peerOf(text: string, peers: readonly Peer[]): Peer {
  const byId = peers.find(({ id }) => id === text);
  if (byId) return byId;
  const url = parsePeerUrl({ label: 'PEER', text });
  const found = peers.find((peer) => peer.url === url);
  if (found) return found;
  const known = peers.map((peer) => `${orDash(peer.id)} (${orDash(peer.url)})`).join(', ');
  throw new CommandError(
    `the node has no peer "${quotable(text)}"; ${peers.length === 0 ? 'it has none' : `its peers: ${known}`}`,
  );
}
