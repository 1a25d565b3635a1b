import { quotable } from '../../consensus/quotable.ts';
import type { PeerView } from '../../protocol/node-view.ts';
import { builder } from './builder.ts';

const PeerDirection = builder.enumType('PeerDirection', {
  description: 'Who opened a connection.',
  values: {
    INBOUND: { value: 'inbound', description: 'The peer did.' },
    OUTBOUND: { value: 'outbound', description: 'This node did.' },
  } as const,
});

const PeerState = builder.enumType('PeerState', {
  description: 'How far a connection has come.',
  values: {
    HANDSHAKE: { value: 'handshake', description: 'Connected; the peer has not said hello yet.' },
    READY: { value: 'ready', description: 'Of the same network, and talking.' },
  } as const,
});

export const PeerRef = builder.objectRef<PeerView>('Peer').implement({
  description: 'A node that this one is connected to.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Names the connection, for as long as it lasts.' }),
    url: t.exposeString('url', { nullable: true, description: 'Where it listens, if it says so.' }),
    remote: t.exposeString('remote', { description: 'The other end of the connection.' }),
    direction: t.expose('direction', { type: PeerDirection, description: 'Who opened the connection.' }),
    state: t.expose('state', { type: PeerState, description: 'How far it has come.' }),
    height: t.exposeInt('height', { nullable: true, description: 'Its height, as far as it has told or was told.' }),
    latencyMs: t.exposeFloat('latencyMs', { nullable: true, description: 'Last round trip; null before the first.' }),
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
