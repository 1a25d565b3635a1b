const plural = (count: number, one: string, many: string): string => (count === 1 ? one : many);

/** `Hazel`, `Hazel and Rowan`, `Hazel, Rowan and Maple`; of many only how many. */
function named(names: readonly string[]): string {
  if (names.length > 3) return `${names.length} nodes`;
  if (names.length < 2) return names[0] ?? 'nobody';
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** What the network view says of the graph, its links, and a fork, in English. */
export const enStage = {
  strip: {
    label: 'Latest blocks',
    forkLabel: (height: string) => `Latest blocks: a fork after block ${height}`,
    next: 'Next block',
    waiting: (count: number) => plural(count, 'transaction waits', 'transactions wait'),
    waitingOn: (count: number) => plural(count, 'waits on this side', 'wait on this side'),
    genesis: 'genesis',
    transfers: (count: number) => (count === 0 ? 'no transfers' : plural(count, '1 transfer', `${count} transfers`)),
    mine: 'Mine',
    mineOn: 'Mine on',
    earlier: (count: number) => `+${count} earlier`,
    leftBy: (node: string) => `Left by ${node}`,
    left: (node: string, blocks: number) =>
      `${node} left ${plural(blocks, 'this block', `these ${blocks}`)}. In a minute ${plural(blocks, 'it is', 'they are')} gone from here, not from the`,
    onChain: 'chain view',
  },
  graph: {
    title: 'Nodes and their links',
    describe: (nodes: number, edges: number) =>
      `${plural(nodes, '1 node', `${nodes} nodes`)} with ${plural(edges, '1 connection', `${edges} connections`)}`,
    groups: (nodes: number, groups: number) => `${nodes} nodes in ${groups} groups`,
    block: 'block',
    transaction: 'transaction',
    share: (blocks: number) => plural(blocks, 'share of the last block', `share of the last ${blocks} blocks`),
    hint: 'Drag from node to node: connect · around nodes: cut off · click a link: weather',
    groupHint: 'Nodes near each other, named after the best connected · click to open',
    onBranch: (letter: string, nodes: string) => `branch ${letter}: ${nodes}`,
    standsOn: (height: string) => `stands on ${height}`,
    behind: (blocks: number) => `${blocks} behind`,
    late: (nodes: number) => `${nodes} behind`,
    ofBlocks: (share: string) => `${share} of blocks`,
    cutInTwo: 'Cut in two',
    heal: 'Heal',
    add: 'Add',
    undo: 'Undo',
    key: (key: string) => `Key ${key}`,
    cutLinks: (count: number) => plural(count, '1 link is cut.', `${count} links are cut.`),
    links: (count: number) => plural(count, '1 link', `${count} links`),
    around: (node: string) => `Around ${node}`,
    zoom: 'Size of the drawing',
    larger: 'Larger',
    smaller: 'Smaller',
    fit: 'Show all',
    zoomKeys: 'Key +, or Ctrl and the wheel',
    allGroups: (nodes: number) => `All ${nodes} nodes`,
  },
  cutting: {
    which: 'Which nodes go to side',
    cut: (links: number) => plural(links, 'Cut 1 link', `Cut ${links} links`),
    hint: 'Each side goes on with its own blocks until you heal it.',
  },
  links: {
    cut: 'Cut',
    heal: 'Heal',
    cutAgo: (ago: string) => `cut ${ago}`,
    isCut: 'cut',
    isDown: 'not connected',
    from: 'Connect from',
    to: 'Connect to',
    connect: 'Connect',
    none: 'No node is connected to another one here.',
  },
  weather: {
    name: 'Weather',
    on: (links: number) => plural(links, 'Weather on 1 link', `Weather on ${links} links`),
    clearAll: 'Clear all',
    explain: 'Messages are slowed or lost on purpose.',
    direction: (from: string, to: string) => `From ${from} to ${to}`,
    least: 'Delay from, ms',
    most: 'Delay to, ms',
    rate: 'Bytes/s',
    loss: 'Loss, %',
    set: 'Set',
    clear: 'Clear',
    done: 'Set.',
    cleared: 'Cleared.',
    whole: (from: string, to: string) => `Must be a whole number from ${from} to ${to}.`,
    number: (from: string, to: string) => `Must be a number from ${from} to ${to}, such as 0.5.`,
    order: 'Must not be less than the delay before it.',
    nothing: 'Give a delay, bytes per second, or a loss.',
    mayNot: (node: string) => `${node} takes no orders from this page.`,
    delay: (ms: string) => `${ms} ms`,
    perSecond: (bytes: string) => `${bytes}/s`,
    lost: (share: string) => `${share} lost`,
    blocked: 'cut',
  },
  lists: {
    label: 'Nodes and links',
    nodes: (count: number) => `Nodes ${count}`,
    links: (count: number) => `Links ${count}`,
    as: 'Nodes as',
    cards: 'Cards',
    table: 'Table',
  },
  table: {
    label: 'Nodes',
    columns: {
      node: 'Node',
      tip: 'Tip',
      lag: 'Lag',
      pending: 'Pending',
      hashrate: 'Hash rate',
      peers: 'Peers',
      latency: 'Latency',
      version: 'Version',
    },
    more: 'More',
    moreOf: (node: string) => `More about ${node}`,
  },
  programs: {
    title: 'Mining programs',
    connectTo: 'They connect to',
    none: 'No program mines here now.',
    unnamed: 'unnamed program',
    shares: (accepted: string, stale: string, refused: string) =>
      `Shares: ${accepted} accepted, ${stale} stale, ${refused} refused`,
    sharesHint:
      'A share is a header with some part of the work of a block. A stale one is for a tip that was replaced.',
    blocks: (count: number) => plural(count, '1 block', `${count} blocks`),
  },
  race: {
    label: 'Work since the fork',
    work: (work: string) => `${work} hashes`,
    blocks: (count: number) => plural(count, '1 block', `${count} blocks`),
    half: 'even',
    rule: 'The branch with more work decides.',
    ruleSince: (height: string) =>
      `The branch with more work since block ${height} decides, not the one that was first.`,
    nothing: 'No side has a block of its own yet.',
    even: 'Both have the same: each node stays where it is until one branch is ahead.',
    leads: (letter: string, work: string, movers: readonly string[]) =>
      `${letter} leads by ${work} hashes: if the sides meet now, ${named(movers)} ${plural(movers.length, 'moves', 'move')} to ${letter}.`,
  },
  forecast: {
    title: 'If it heals now',
    healed: 'Connected, and still forked',
    moves: (nodes: readonly string[], left: number, taken: number) =>
      `${named(nodes)} ${plural(nodes.length, 'leaves', 'leave')} ${plural(left, '1 block', `${left} blocks`)} for ${taken}`,
    nothing: 'Nothing is lost: no side has a block that another would take the place of.',
    even: 'Nothing changes: no branch has more work.',
    stays:
      'No branch has more work: each node keeps the block that it had first, until the next block puts one branch ahead.',
  },
  deeds: {
    transfer: (from: string, to: string, coins: string) => `${from} → ${to} ${coins}`,
    reward: (to: string, coins: string) => `Reward of ${to}, ${coins}`,
    kinds: {
      confirmed: 'stays',
      returned: 'waits again',
      dropped: 'dropped',
      void: 'gone',
      unknown: 'unknown',
    },
    notes: {
      returned: 'to be mined again',
      void: 'a reward is worth as much as its block',
      unknown: 'the node does not say',
    },
    inBlock: 'in block',
    tookNonce: (height: string, nonce: string) => `in block ${height} took its nonce, ${nonce}`,
    none: 'There was no transaction.',
  },
};
