import { quotable } from '../../consensus/quotable.ts';
import type { PeerView } from '../../protocol/node-view.ts';
import { urlsOf } from '../transport/weather.ts';
import { builder } from './builder.ts';
import { LinkConditionsRef } from './link-conditions.ts';

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
  description: 'A connection to another node.',
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Id of the connection while it is open. A new connection to the same node has another id.',
    }),
    url: t.exposeString('url', {
      nullable: true,
      description: 'URL at which the peer accepts connections; null if it announced none.',
    }),
    remote: t.exposeString('remote', { description: 'Address of the other end of the connection.' }),
    direction: t.expose('direction', { type: PeerDirection, description: 'Who opened the connection.' }),
    state: t.expose('state', { type: PeerState, description: 'State of the connection.' }),
    height: t.exposeInt('height', {
      nullable: true,
      description: 'Height of the best block that the peer is known or claims to have; null if unknown.',
    }),
    latencyMs: t.exposeFloat('latencyMs', {
      nullable: true,
      description: 'Round-trip time of the last ping in milliseconds; null before the first answer.',
    }),
    userAgent: t.string({
      nullable: true,
      description: 'Name and version of its program, as it announced them; null before the handshake is complete.',
      resolve: ({ userAgent }) => userAgent && quotable(userAgent, userAgent.length),
    }),
    connectedAt: t.field({
      type: 'DateTime',
      description: 'Time at which the connection was opened.',
      resolve: ({ connectedAtMs }) => new Date(connectedAtMs),
    }),
    graphqlUrl: t.string({
      nullable: true,
      description: 'URL of the API of the peer: its `url` with /graphql; null if `url` is null.',
      resolve: ({ url }) => (url === null ? null : `${url}/graphql`),
    }),
    linkConditions: t.field({
      type: LinkConditionsRef,
      nullable: true,
      description:
        'Conditions of the way from this node to the peer, as the operator set them; null if none are set. The opposite direction is known to the peer.',
      resolve: (peer, _, { node }) => node.weather.linkTo(urlsOf(peer))?.conditions ?? null,
    }),
  }),
});

builder.queryFields((t) => ({
  peers: t.field({
    type: [PeerRef],
    description: 'All open connections to other nodes, including those whose handshake is not complete.',
    resolve: (_, __, { node }) => [...node.view.peers()],
  }),
}));
