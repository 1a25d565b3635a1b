import { decodeMessage, encodeMessage } from '../protocol/messages.ts';
import type { ChainPoint } from './chain-builder.ts';
import { RawPeer, regtestHello } from './raw-peer.ts';
import { ServedChain } from './scripted-peer.ts';

/** Connects to a real node as a peer that stands on `point`, and serves its chain as fast as it is asked. */
export async function servingPeer(nodeUrl: string, point: ChainPoint): Promise<RawPeer> {
  const served = new ServedChain();
  served.serve(point);
  const peer = await RawPeer.connect(nodeUrl);
  peer.socket.on('message', (data: Buffer) => {
    for (const answer of served.answersTo(decodeMessage(new Uint8Array(data)))) peer.send(encodeMessage(answer));
  });
  const { block, height, chainWork } = point;
  return peer.send(regtestHello({ tipHash: block.hash, height, chainWork }));
}
