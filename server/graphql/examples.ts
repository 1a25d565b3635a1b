/** The playground's tabs for someone who sees it for the first time. */
export const EXAMPLE_TABS: { query: string }[] = [
  {
    query: `# Welcome to Forklore. Press play, or Ctrl-Enter.
# The other tabs send, mine and watch.
query Look {
  nodeInfo { name network version sync { state height } }
  tip { hash height time difficulty miner reward }
  devAccounts { name address balance }
  peers { url state height latencyMs }
  miner { mode hashrate threadHashrates expectedSeconds }
}
`,
  },
  {
    query: `# Alice pays Bob. At once it is pending on every node.
mutation Send {
  sendFromDevAccount(from: "Alice", to: "Bob", amount: "10", memo: "for the coffee") {
    ... on TransactionAccepted { transaction { id status fee nonce } }
    ... on TransactionRejected { code message }
  }
}
`,
  },
  {
    query: `# Real proof of work; on the network "lab" it takes a second or two.
mutation Mine {
  mine(count: 1) {
    ... on BlocksMined {
      blocks { hash height reward transactions(first: 5) { edges { node { id kind amount } } } }
    }
    ... on MiningFailed { code message }
  }
}
`,
  },
  {
    query: `# Leave this running, and mine or send in another window or on another node.
subscription Watch {
  events {
    __typename
    cursor
    at
    ... on BlockEvent { block { hash height firstSeenFrom } }
    ... on MempoolEvent { change { added removed { id reason } size } }
    ... on ReorgEvent { reorg { depth disconnected connected returnedToMempool } }
  }
}
`,
  },
];
