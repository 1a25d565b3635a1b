import { network, partition, sides } from '../../app/session.svelte.ts';
import { fastestOf } from '../../model/fastest.ts';
import { mayOrder } from '../../state/link-orders.ts';
import type { NodeState } from '../../state/node.svelte.ts';

/** What goes on from here: the one button that stands out. `mine A` is to mine on that side. */
type LeadAction = 'mine' | 'heal' | `mine ${string}`;

class Lead {
  /** While the sides have nothing to compare, a block on the one that has none, or as much as the other; then healing. */
  readonly action: LeadAction = $derived.by((): LeadAction => {
    if (sides.list.length === 0) return partition.isParted ? 'heal' : 'mine';
    const empty = [...sides.list].reverse().find(({ blocks }) => blocks.length === 0);
    if (empty && this.minerOf(empty.letter)) return `mine ${empty.letter}`;
    const [first, second] = [...sides.list].sort((a, b) => (a.work < b.work ? 1 : -1));
    if (first && first.work === second?.work) {
      const a = sides.list[0];
      if (a && this.minerOf(a.letter)) return `mine ${a.letter}`;
    }
    return 'heal';
  });

  /** The node that is asked to mine on a side, or anywhere: it takes orders, stands on the best block there, and is the fastest. */
  minerOf(letter: string | null): NodeState | null {
    const side = sides.list.find((each) => each.letter === letter);
    const nodes = letter === null ? network.members : (side?.nodes ?? []);
    const tip = letter === null ? network.bestTip?.blockHash : side?.tip?.blockHash;
    const ready = nodes.filter((node) => node.isNamed && mayOrder(node));
    const standing = ready.filter((node) => node.tip?.blockHash === tip);
    return fastestOf(standing.length > 0 ? standing : ready);
  }
}

export const lead = new Lead();
