/** Who told something. */
export interface Source {
  /** URL of the node. */
  readonly url: string;
  /**
   * Whether the page's server or its reader has named the node. One that was only heard of adds to what is shown,
   * within bounds, and never decides what others are shown by: see decision 0018.
   */
  readonly isNamed: boolean;
}
