import { LINK_FIELDS, LinkConditionsError, parseLinkConditions } from '../../protocol/link-conditions.ts';
import type { NodeContext } from '../node/node-context.ts';
import { normalisePeerUrl, PeerUrlError } from '../transport/peer-url.ts';
import { type ConditionedLink, MAX_CONDITIONED_LINKS, urlsOf } from '../transport/weather.ts';
import { builder } from './builder.ts';
import { badInput } from './errors.ts';
import { ConditionedLinkRef } from './link-conditions.ts';
import { OperationFailedRef } from './operation-failed.ts';
import { requireControl } from './require-control.ts';
import type { OperationFailure } from './submit.ts';

const LinkConditionsInput = builder.inputType('LinkConditionsInput', {
  description: `Conditions of the way from this node to a peer. What is left out or null changes nothing on that way. Other values than these are refused with BAD_INPUT.`,
  fields: (t) => ({
    delayMs: t.intList({ description: `Shortest and longest delay in milliseconds: ${LINK_FIELDS.delayMs.what}.` }),
    bytesPerSecond: t.int({ description: `Rate at which messages leave: ${LINK_FIELDS.bytesPerSecond.what}.` }),
    loss: t.float({ description: `Probability that a message is lost: ${LINK_FIELDS.loss.what}.` }),
    cut: t.boolean({ description: 'Whether nothing gets through.' }),
  }),
});

type SetLink = Pick<ConditionedLink, 'url' | 'conditions'>;

const LinkConditionsSet = builder.objectRef<{ readonly link: SetLink }>('LinkConditionsSet').implement({
  description: 'The conditions hold from now on, in place of earlier ones.',
  fields: (t) => ({
    link: t.expose('link', { type: ConditionedLinkRef, description: 'The link, with its conditions.' }),
  }),
});

const SetLinkConditionsResult = builder.unionType('SetLinkConditionsResult', {
  description: 'Result of `setLinkConditions`.',
  types: [LinkConditionsSet, OperationFailedRef],
  resolveType: (value) => ('link' in value ? LinkConditionsSet : OperationFailedRef),
});

const LinkConditionsCleared = builder
  .objectRef<{ readonly urls: readonly string[] }>('LinkConditionsCleared')
  .implement({
    description: 'Messages leave without delay, limit, loss or cut again.',
    fields: (t) => ({
      urls: t.stringList({
        description: 'URLs of the nodes to which conditions were set until now.',
        resolve: ({ urls }) => [...urls],
      }),
    }),
  });

const ClearLinkConditionsResult = builder.unionType('ClearLinkConditionsResult', {
  description: 'Result of `clearLinkConditions`.',
  types: [LinkConditionsCleared, OperationFailedRef],
  resolveType: (value) => ('urls' in value ? LinkConditionsCleared : OperationFailedRef),
});

const PEER = 'id of a connection, from `Peer.id`, or the URL at which a node listens, connected or not';

builder.mutationFields((t) => ({
  setLinkConditions: t.field({
    type: SetLinkConditionsResult,
    description:
      'Sets the conditions of the way from this node to another, in place of earlier ones; the opposite direction is set on the other node. They belong to the node at that URL: they outlive its connections and its restarts, and end when this node stops. Needs control of the node, else FORBIDDEN.',
    args: {
      peer: t.arg.id({ required: true, description: `The other node: ${PEER}.` }),
      conditions: t.arg({ type: LinkConditionsInput, required: true, description: 'The new conditions.' }),
    },
    resolve: (_, { peer, conditions: input }, context) => {
      requireControl(context);
      const { delayMs, bytesPerSecond, loss, cut } = input;
      const conditions = parse({
        delayMs: delayMs ?? undefined,
        bytesPerSecond: bytesPerSecond ?? null,
        loss: loss ?? undefined,
        cut: cut ?? undefined,
      });
      const url = urlOf(context.node, String(peer));
      if (typeof url !== 'string') return url;
      if (context.node.weather.set(url, conditions)) return { link: { url, conditions } };
      const message = `a node keeps conditions of at most ${MAX_CONDITIONED_LINKS} links; clear some of them first`;
      return { code: 'too-many-links', message };
    },
  }),
  clearLinkConditions: t.field({
    type: ClearLinkConditionsResult,
    description:
      'Ends the conditions of the way from this node to another, or to all others. Where that ends a cut, the node tries to connect again at once if it knows the address. Needs control of the node, else FORBIDDEN.',
    args: { peer: t.arg.id({ description: `The other node: ${PEER}. All of them if omitted.` }) },
    resolve: (_, { peer }, context) => {
      requireControl(context);
      const { weather } = context.node;
      if (peer == null) return { urls: weather.links.map(({ url }) => url).filter((url) => weather.clear(url)) };
      const url = urlOf(context.node, String(peer));
      if (typeof url !== 'string') return url;
      return { urls: weather.clear(url) ? [url] : [] };
    },
  }),
}));

/** The URL that stands for a node: where it says that it listens, else as it was dialled, else as the caller names it. */
function urlOf({ view, weather }: NodeContext, text: string): string | OperationFailure {
  const peers = view.peers();
  const byId = peers.find(({ id }) => id === text);
  if (byId)
    return byId.url ?? { code: 'unnamed-peer', message: `peer ${byId.id} has not said at which URL it listens` };
  try {
    const url = normalisePeerUrl(text);
    if (weather.linkTo([url])) return url;
    return peers.find((peer) => urlsOf(peer).includes(url))?.url ?? url;
  } catch (error) {
    if (!(error instanceof PeerUrlError)) throw error;
    return { code: 'unknown-peer', message: 'no peer has this id; name a node that is not connected by its URL' };
  }
}

function parse(given: Parameters<typeof parseLinkConditions>[0]): ReturnType<typeof parseLinkConditions> {
  try {
    return parseLinkConditions(given);
  } catch (error) {
    if (error instanceof LinkConditionsError) throw badInput('conditions', error.message);
    throw error;
  }
}
