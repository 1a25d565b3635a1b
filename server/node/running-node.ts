import type { Logger } from 'pino';
import type { ForkloreNode } from '../../protocol/node.ts';
import type { Notice } from '../../protocol/notices.ts';
import type { MiningBudget } from '../mining/mining-budget.ts';
import type { Store } from '../store/store.ts';
import type { DevelopmentControls } from './development-controls.ts';
import type { NodeOptions } from './node-options.ts';
import type { OpeningWatch } from './open-checked.ts';

/** What a node needs of the program that starts it. */
export interface NodeSurroundings extends OpeningWatch {
  readonly log: Logger;
  /** Whether every line is logged, and at once; default: many of one kind are summed up in a line a second. */
  readonly isLogWhole?: boolean | undefined;
  /** Mining threads shared with other nodes of a cluster; null: this node has the machine to itself. */
  readonly budget: MiningBudget | null;
  /** The node has failed. It has stopped already when this is called. */
  onFatal(error: unknown): void;
  /** Called with every notice that subscribers receive. */
  readonly onNotice?: ((notice: Notice, node: Pick<RunningNode, 'core' | 'store'>) => void) | undefined;
  /** Awaited once the node accepts connections, and before it dials any. @returns URLs of further peers to stay connected to */
  readonly beforeDialling?: (() => Promise<readonly string[]>) | undefined;
  /** Flag by which the port was chosen, for messages; default: `--port`. */
  readonly portFlag?: string | undefined;
}

/** A node that listens, with its parts. */
export interface RunningNode {
  readonly name: string;
  readonly url: string;
  readonly options: NodeOptions;
  readonly core: ForkloreNode;
  readonly store: Store;
  readonly controls: DevelopmentControls;
  /** File of the admin token; null where only the local user, who needs none, can call. */
  readonly tokenFile: string | null;
  /** Whether the playground is served to users of this machine. */
  readonly isPlaygroundServed: boolean;
  /** Where mining programs connect over Stratum, `host:port`; null where none can. */
  readonly stratumListens: string | null;
  /** Says goodbye to peers, finishes writes, closes everything. May be called more than once. */
  stop(): Promise<void>;
}
