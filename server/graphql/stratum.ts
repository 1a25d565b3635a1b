import type { ShareCounts } from '../stratum/session.ts';
import { MAX_CONNECTIONS } from '../stratum/stratum-limits.ts';
import type { StratumMinerView, StratumView } from '../stratum/stratum-view.ts';
import { builder } from './builder.ts';
import { shownAddress } from './models.ts';

const ShareCountsRef = builder.objectRef<ShareCounts>('ShareCounts').implement({
  description:
    'Shares that mining programs sent, by how they were answered. A share is a header with some part of the work of a block.',
  fields: (t) => ({
    accepted: t.exposeInt('accepted', { description: 'Shares that met their difficulty.' }),
    stale: t.exposeInt('stale', { description: 'Shares of a job that was replaced: the tip is another one by now.' }),
    refused: t.exposeInt('refused', { description: 'Shares that were repeated, too easy or malformed.' }),
  }),
});

const StratumMinerRef = builder.objectRef<StratumMinerView>('StratumMiner').implement({
  description: 'A mining program that is connected over Stratum.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Names the connection until the node stops; never used again.' }),
    user: t.exposeString('user', {
      description:
        "The user name that it gave: an address or a development account, and the worker's name behind a dot.",
    }),
    address: t.field({
      type: 'Address',
      description: 'Recipient of its blocks.',
      resolve: ({ payee }, _, { node }) => shownAddress(node, payee),
    }),
    program: t.exposeString('program', {
      nullable: true,
      description: 'Name and version that it gave; null if it gave none.',
    }),
    connectedAt: t.field({
      type: 'DateTime',
      description: 'When it connected, by the clock of this node.',
      resolve: ({ connectedAtMs }) => new Date(connectedAtMs),
    }),
    difficulty: t.exposeFloat('difficulty', {
      nullable: true,
      description:
        'Difficulty of its shares, on the scale of mining programs: a share takes 2^32 times as many hashes on average. Null while it has no job.',
    }),
    hashrate: t.exposeFloat('hashrate', {
      description: 'Hashes per second, estimated from its shares of the last minutes.',
    }),
    shares: t.expose('shares', { type: ShareCountsRef, description: 'Shares that it sent.' }),
    blocks: t.exposeInt('blocks', { description: 'Its shares that were blocks when they came.' }),
  }),
});

export const StratumRef = builder.objectRef<StratumView>('StratumStatus').implement({
  description: 'Mining programs outside of the node, which mine over Stratum v1.',
  fields: (t) => ({
    listens: t.exposeString('listens', { description: 'Where they connect: `host:port`.' }),
    connections: t.exposeInt('connections', {
      description: 'Number of open connections, including those that do not mine yet.',
    }),
    miners: t.field({
      type: [StratumMinerRef],
      description: 'The programs that mine, in the order in which they connected.',
      complexity: { field: 1, multiplier: MAX_CONNECTIONS },
      resolve: ({ miners }) => [...miners],
    }),
    hashrate: t.exposeFloat('hashrate', {
      description: 'Hashes per second of all of them, estimated from their shares of the last minutes.',
    }),
    shares: t.expose('shares', { type: ShareCountsRef, description: 'Shares since the start of the node.' }),
    blocks: t.exposeInt('blocks', {
      description: 'Shares since the start of the node that were blocks when they came.',
    }),
  }),
});
