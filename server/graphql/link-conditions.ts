import type { LinkConditions } from '../../protocol/link-conditions.ts';
import type { ConditionedLink } from '../transport/weather.ts';
import { builder } from './builder.ts';

export const LinkConditionsRef = builder.objectRef<LinkConditions>('LinkConditions').implement({
  description:
    'What messages meet on the way from one node to another. Each direction of a link has conditions of its own.',
  fields: (t) => ({
    delayMs: t.field({
      type: ['Int'],
      description:
        'How long a message is under way, in milliseconds: two values, the shortest and the longest. Messages keep their order.',
      resolve: ({ delayMs }) => [...delayMs],
    }),
    bytesPerSecond: t.exposeInt('bytesPerSecond', {
      nullable: true,
      description: 'Rate at which messages leave; null: without limit.',
    }),
    loss: t.exposeFloat('loss', {
      description: 'Probability that a message is lost, which breaks the connection.',
    }),
    cut: t.exposeBoolean('cut', {
      description: 'Whether nothing gets through: there is no connection, and none can be opened from either side.',
    }),
  }),
});

export const ConditionedLinkRef = builder
  .objectRef<Pick<ConditionedLink, 'url' | 'conditions'>>('ConditionedLink')
  .implement({
    description: 'The way from this node to another one, connected or not, and the conditions that are set for it.',
    fields: (t) => ({
      url: t.exposeString('url', { description: 'URL at which the other node listens.' }),
      conditions: t.expose('conditions', { type: LinkConditionsRef, description: 'The conditions.' }),
    }),
  });
