/** What messages meet on the way from one node to another; the other direction has conditions of its own. */
export interface LinkConditions {
  /** Shortest and longest time under way, in milliseconds. */
  readonly delayMs: readonly number[];
  /** Null: without limit. */
  readonly bytesPerSecond: number | null;
  /** Probability that a message is lost, which breaks the connection. */
  readonly loss: number;
  /** Nothing gets through, and there is no connection. */
  readonly cut: boolean;
}

/** The way from a node to the one that listens at `url`, connected or not, with its conditions. */
export interface ConditionedLink {
  readonly url: string;
  readonly conditions: LinkConditions;
}
