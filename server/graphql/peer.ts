import { quotable } from '../../consensus/quotable.ts';
import type { PeerView } from '../../protocol/node-view.ts';
import { builder } from './builder.ts';

const PeerDirection = builder.enumType('PeerDirection', {
  description: 'Who opened a connection.',
  values: {
    INBOUND: { value: 'inbound', description: 'The peer opened it.' },
    OUTBOUND: { value: 'outbound', description: 'This node opened it.' },
  } as const,
});

const PeerState = builder.enumType('PeerState', {
  description: 'State of a connection to a peer.',
  values: {
    HANDSHAKE: { value: 'handshake', description: 'Connected; the handshake is not complete.' },
    READY: { value: 'ready', description: 'The handshake is complete: the peer belongs to the same network.' },
  } as const,
});

export const PeerRef = builder.objectRef<PeerView>('Peer').implement({
  description: 'A node that this one is connected to.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Identifies the connection while it is open.' }),
    url: t.exposeString('url', {
      nullable: true,
      description: 'URL at which the peer listens; null if it announced none.',
    }),
    remote: t.exposeString('remote', { description: 'Address of the other end of the connection.' }),
    direction: t.expose('direction', { type: PeerDirection, description: 'Who opened the connection.' }),
    state: t.expose('state', { type: PeerState, description: 'State of the connection.' }),
    height: t.exposeInt('height', {
      nullable: true,
      description: 'Best known height of the peer, from what either side announced; null if unknown.',
    }),
    latencyMs: t.exposeFloat('latencyMs', {
      nullable: true,
      description: 'Round-trip time of the last ping in milliseconds; null before the first answer.',
    }),
    userAgent: t.string({
      nullable: true,
      description: 'What it says of its program.',
      resolve: ({ userAgent }) => userAgent && quotable(userAgent, userAgent.length),
    }),
    connectedAt: t.field({
      type: 'DateTime',
      description: 'Since when.',
      resolve: ({ connectedAtMs }) => new Date(connectedAtMs),
    }),
    graphqlUrl: t.string({
      nullable: true,
      description: 'Where its own API is, if it listens: every node serves it on its one port.',
      resolve: ({ url }) => (url === null ? null : `${url}/graphql`),
    }),
  }),
});

builder.queryFields((t) => ({
  peers: t.field({
    type: [PeerRef],
    description: 'The nodes that this one is connected to.',
    resolve: (_, __, { node }) => [...node.view.peers()],
  }),
}));
