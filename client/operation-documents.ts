import { graphql } from './graphql.ts';

// What programs and the command line ask; the dashboard's documents are in documents.ts, so that the page holds no others.

const BlockSummary = graphql(`
  fragment BlockSummary on Block {
    hash height time difficulty totalWork size miner reward transactionCount gasUsed canonical confirmations
    header { version prevHash merkleRoot time bits nonce }
  }
`);

const MinerSummary = graphql(`
  fragment MinerSummary on MinerStatus {
    mode working threads maxThreads hashrate hashrateLimit intervalSeconds expectedSeconds address
    stratum { listens }
  }
`);

const PeerSummary = graphql(`
  fragment PeerSummary on Peer {
    id url direction state height latencyMs userAgent connectedAt graphqlUrl
    linkConditions { delayMs bytesPerSecond loss cut }
  }
`);

const LinkSummary = graphql(`
  fragment LinkSummary on ConditionedLink { url conditions { delayMs bytesPerSecond loss cut } }
`);

const EventSummary = graphql(`fragment EventSummary on EmittedEvent { contract name values valuesJson }`);

const PaymentSummary = graphql(`fragment PaymentSummary on ContractPayment { from to amount }`);

const CallErrorSummary = graphql(`fragment CallErrorSummary on CallError { code message contract line column }`);

export const NodeInfoQuery = graphql(`
  query NodeInfo {
    nodeInfo {
      name version role network genesisHash addressPrefix targetSpacingSeconds startedAt now listenUrl graphqlUrl mayControl
      controls cursor sync { state height targetHeight }
    }
  }
`);

export const TipQuery = graphql(`query Tip { tip { ...BlockSummary } }`, [BlockSummary]);

export const BlockSummaryQuery = graphql(
  `
    query BlockSummary($hash: Hash, $height: Int) { block(hash: $hash, height: $height) { ...BlockSummary } }
  `,
  [BlockSummary],
);

/** The first transactions of a block, the coinbase before all. */
export const BlockTransactionsQuery = graphql(`
  query BlockTransactions($hash: Hash!, $first: Int!) {
    block(hash: $hash) {
      transactions(first: $first) {
        edges { node { id kind sender recipient amount fee method receipt { ok error { message } } } }
      }
    }
  }
`);

/** Which blocks of any branch are at the highest heights. */
export const BranchesQuery = graphql(`
  query Branches($depth: Int!) { blockTree(depth: $depth) { hash height status } }
`);

export const TipsQuery = graphql(`query Tips { chainTips { hash height branchLength status totalWork } }`);

export const TemplateQuery = graphql(`
  query Template {
    blockTemplate {
      height prevHash time bits reward fees transactionCount
      transactions { id sender recipient amount fee nonce size }
    }
  }
`);

/** The wall clock of a node, and whether it can be moved. */
export const ClockQuery = graphql(`query Clock { nodeInfo { now controls } }`);

export const IncreaseTimeMutation = graphql(`
  mutation IncreaseTime($seconds: Int!) {
    change: increaseTime(seconds: $seconds) {
      __typename
      ... on TimeChanged { now }
      ... on OperationFailed { code message }
    }
  }
`);

export const SetTimeMutation = graphql(`
  mutation SetTime($at: DateTime!) {
    change: setTime(at: $at) {
      __typename
      ... on TimeChanged { now }
      ... on OperationFailed { code message }
    }
  }
`);

export const SetNextBlockTimeMutation = graphql(`
  mutation SetNextBlockTime($at: DateTime!) {
    change: setNextBlockTime(at: $at) {
      __typename
      ... on TimeChanged { now }
      ... on OperationFailed { code message }
    }
  }
`);

export const DropMutation = graphql(`
  mutation Drop($id: Hash!) {
    dropTransaction(id: $id) {
      __typename
      ... on TransactionDropped { id }
      ... on OperationFailed { code message }
    }
  }
`);

export const SnapshotListQuery = graphql(`query SnapshotList { snapshots { id takenAt height tipHash bytes } }`);

export const TakeSnapshotMutation = graphql(`
  mutation TakeSnapshot {
    takeSnapshot {
      __typename
      ... on SnapshotTaken { snapshot { id takenAt height tipHash bytes } }
      ... on OperationFailed { code message }
    }
  }
`);

export const RevertMutation = graphql(`
  mutation Revert($id: ID!) {
    revertToSnapshot(id: $id) {
      __typename
      ... on Reverted { tip { hash height } }
      ... on OperationFailed { code message }
    }
  }
`);

export const DropSnapshotMutation = graphql(`
  mutation DropSnapshot($id: ID!) {
    dropSnapshot(id: $id) {
      __typename
      ... on SnapshotDropped { id }
      ... on OperationFailed { code message }
    }
  }
`);

export const BlockSummariesQuery = graphql(
  `
    query BlockSummaries($first: Int, $after: String) {
      blocks(first: $first, after: $after) {
        edges { cursor node { ...BlockSummary } }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [BlockSummary],
);

export const TransactionSummaryQuery = graphql(
  `
  query TransactionSummary($id: Hash!) {
    transaction(id: $id) {
      id kind sender recipient amount fee nonce memo size status statusReason confirmations block { hash height }
      contract method arguments gas
      receipt {
        ok gasUsed result resultJson events { ...EventSummary } payments { ...PaymentSummary } error { ...CallErrorSummary }
      }
    }
  }
`,
  [EventSummary, PaymentSummary, CallErrorSummary],
);

export const AccountSummaryQuery = graphql(
  `
  query AccountSummary($address: String!) {
    account(address: $address) {
      address addressHex name balance nonce pendingBalance pendingNonce
      transactions(first: 10) {
        edges {
          node {
            id kind sender recipient amount fee status method
            receipt { ok payments { ...PaymentSummary } error { message } }
          }
        }
      }
    }
    contract(address: $address) { name }
  }
`,
  [PaymentSummary],
);

export const MempoolQuery = graphql(`
  query Mempool($first: Int!) {
    mempool {
      size bytes minimumFeeRate
      transactions(first: $first) { edges { node { id kind sender recipient amount fee nonce size status } } }
    }
  }
`);

/** The latest reorgs that the node knows of, oldest first. */
export const ReorgsQuery = graphql(`
  query Reorgs($count: Int!) {
    latestEvents(count: $count, kinds: [REORG]) {
      __typename at
      ... on ReorgEvent {
        reorg { commonAncestor depth disconnected connected returnedToMempool droppedReasons { id reason } }
      }
    }
  }
`);

export const PeersQuery = graphql(`query Peers { peers { ...PeerSummary } }`, [PeerSummary]);

export const LinkConditionsQuery = graphql(`query LinkConditions { nodeInfo { weather { ...LinkSummary } } }`, [
  LinkSummary,
]);

export const SetLinkConditionsMutation = graphql(
  `
    mutation SetLinkConditions($peer: ID!, $conditions: LinkConditionsInput!) {
      setLinkConditions(peer: $peer, conditions: $conditions) {
        __typename
        ... on LinkConditionsSet { link { ...LinkSummary } }
        ... on OperationFailed { code message }
      }
    }
  `,
  [LinkSummary],
);

export const ClearLinkConditionsMutation = graphql(`
  mutation ClearLinkConditions($peer: ID) {
    clearLinkConditions(peer: $peer) {
      __typename
      ... on LinkConditionsCleared { urls }
      ... on OperationFailed { code message }
    }
  }
`);

export const MinerQuery = graphql(`query Miner { miner { ...MinerSummary } }`, [MinerSummary]);

/** When the node mines by itself. */
export const MiningModeQuery = graphql(`query MiningModeOf { miner { mode } }`);

/** How fast the miner is. */
export const MiningPaceQuery = graphql(`query MiningPace { miner { hashrate expectedSeconds } }`);

export const MiningPaceSubscription = graphql(`
  subscription MiningPaceChanges { minerChanged { hashrate expectedSeconds } }
`);

export const MineBlocksMutation = graphql(`
  mutation MineBlocks($count: Int!, $to: String, $transactions: [Hash!], $parent: Hash) {
    mine(count: $count, to: $to, transactions: $transactions, parent: $parent) {
      __typename
      ... on BlocksMined { blocks { hash height reward miner transactionCount } }
      ... on MiningFailed { code message }
    }
  }
`);

/** {@link MineBlocksMutation} for a caller that keeps the blocks of an order that ended early. */
export const MineBatchMutation = graphql(`
  mutation MineBatch($count: Int!, $to: String, $transactions: [Hash!], $parent: Hash) {
    mine(count: $count, to: $to, transactions: $transactions, parent: $parent) {
      __typename
      ... on BlocksMined { blocks { hash height reward miner transactionCount } }
      ... on MiningFailed { code message blocks { hash height reward miner transactionCount } }
    }
  }
`);

export const ChangeMiningMutation = graphql(
  `
    mutation ChangeMining(
      $mode: MiningMode!, $threads: Int, $hashrateLimit: Float, $intervalSeconds: Float, $address: String
    ) {
      setMining(
        mode: $mode, threads: $threads, hashrateLimit: $hashrateLimit, intervalSeconds: $intervalSeconds, address: $address
      ) { ...MinerSummary }
    }
  `,
  [MinerSummary],
);

/** The network that a node says it is of. */
export const NetworkQuery = graphql(`query Network { nodeInfo { network genesisHash addressPrefix } }`);

/** What a node claims that is needed to sign a transfer. */
export const TransferQuery = graphql(`
  query Transfer($from: String!, $to: String!) {
    nodeInfo { network genesisHash addressPrefix }
    sender: account(address: $from) { address pendingNonce }
    recipient: account(address: $to) { address }
    contract(address: $to) { name }
    mempool { minimumFeeRate }
  }
`);

/** What a node claims that is needed to sign a deploy or a call. */
export const ContractOrderQuery = graphql(`
  query ContractOrder($from: String!) {
    sender: account(address: $from) { address balance pendingNonce }
    mempool { minimumFeeRate }
  }
`);

const TypeSummary = graphql(`
  fragment TypeSummary on ContractType { kind name element { kind } properties { name type { kind } } }
`);

const ContractSummary = graphql(
  `
  fragment ContractSummary on Contract {
    address name comment source codeHash balance
    methods {
      name comment parameters { name type valueType { ...TypeSummary } } result resultType { ...TypeSummary }
      acceptsCoins isPrivate
    }
    fields { name comment kind type valueType { ...TypeSummary } keyType }
  }
`,
  [TypeSummary],
);

export const ContractQuery = graphql(
  `query Contract($address: String!) { contract(address: $address) { ...ContractSummary } }`,
  [ContractSummary],
);

/** A contract with the first of what it stores. */
export const StoredContractQuery = graphql(
  `
    query StoredContract($address: String!, $first: Int!) {
      contract(address: $address) {
        ...ContractSummary
        slots(first: $first) { edges { node { field keyJson valueJson } } pageInfo { hasNextPage } }
      }
    }
  `,
  [ContractSummary],
);

/** The source of a contract, from which its arguments are encoded and its results are read. */
export const ContractSourceQuery = graphql(`
  query ContractSource($address: String!) {
    nodeInfo { network genesisHash addressPrefix }
    contract(address: $address) { source }
  }
`);

/** What else may be at an address without a contract. */
export const MissingContractQuery = graphql(`
  query MissingContract($address: String!, $first: Int!) {
    account(address: $address) { address balance nonce }
    mempool { transactions(first: $first) { edges { node { kind contract } } } }
  }
`);

export const SimulateCallQuery = graphql(
  `
  query SimulateCall($input: SimulateCallInput!) {
    simulateCall(input: $input) {
      ok gasUsed result contract tip events { ...EventSummary } payments { ...PaymentSummary } error { ...CallErrorSummary }
    }
  }
`,
  [EventSummary, PaymentSummary, CallErrorSummary],
);

export const ContractEventsQuery = graphql(`
  query ContractEvents(
    $contract: String, $name: String, $transaction: Hash, $fromHeight: Int, $toHeight: Int, $first: Int, $after: String
  ) {
    contractEvents(
      contract: $contract, name: $name, transaction: $transaction, fromHeight: $fromHeight, toHeight: $toHeight,
      first: $first, after: $after
    ) {
      edges { node { contract name values transaction blockHash blockHeight index } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
const TraceSummary = graphql(
  `
  fragment TraceSummary on CallTrace {
    total complete gasBefore gasAtReturn gasUsed error { ...CallErrorSummary }
    steps {
      index contract method line column gasUsed gas depth
      locals { name valueJson isTooLong } changes { name valueJson isTooLong }
      reads { field keyJson valueJson isTooLong } writes { field keyJson valueJson isTooLong }
    }
  }
`,
  [CallErrorSummary],
);

export const TransactionTraceQuery = graphql(
  `
  query TransactionTrace($id: Hash!, $from: Int!, $first: Int!) {
    transactionTrace(id: $id, from: $from, first: $first) { ...TraceSummary }
  }
`,
  [TraceSummary],
);

/** {@link SimulateCallQuery} with the steps of the execution. */
export const TracedCallQuery = graphql(
  `
  query TracedCall($input: SimulateCallInput!, $from: Int!, $first: Int!) {
    simulateCall(input: $input) {
      ok gasUsed result contract tip events { ...EventSummary } payments { ...PaymentSummary } error { ...CallErrorSummary }
      trace(from: $from, first: $first) { ...TraceSummary }
    }
  }
`,
  [EventSummary, PaymentSummary, CallErrorSummary, TraceSummary],
);

export const DevAccountsQuery = graphql(`query DevAccounts { devAccounts { name address balance } }`);

/** Status of a transaction, until it is confirmed or dropped. */
export const TransactionStatusSubscription = graphql(`
  subscription TransactionStatus($id: Hash!) {
    transactionStatus(id: $id) { status statusReason confirmations block { hash height } }
  }
`);

/** The tip of a node, and the cursor of its stream of events. */
export const PlaceQuery = graphql(`
  query Place {
    nodeInfo { network genesisHash addressPrefix cursor startedAt }
    tip { hash height }
  }
`);

/** Everything that happens to a node. */
export const FollowSubscription = graphql(
  `
    subscription Follow($after: Cursor!) {
      events(after: $after) {
        __typename cursor at
        ... on BlockEvent { block { hash height time miner reward transactionCount } }
        ... on ReorgEvent { reorg { commonAncestor depth disconnected connected returnedToMempool dropped } }
        ... on MempoolEvent { change { added removed { id reason } size } }
        ... on PeersEvent { peers { ...PeerSummary } }
        ... on MinerEvent { miner { ...MinerSummary } }
        ... on SyncEvent { sync { state height targetHeight } }
        ... on ContractEvent { takenBack transaction blockHash blockHeight events { contract name values } }
        ... on ResetEvent { tip { hash height } }
        ... on GapEvent { missed }
      }
    }
  `,
  [PeerSummary, MinerSummary],
);
