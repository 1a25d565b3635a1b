import { graphql, type ResultOf } from './graphql.ts';

// What the dashboard asks. With those of operation-documents.ts these are all documents; a test checks each against the
// schema.

const PeerFields = graphql(`
  fragment PeerFields on Peer {
    id url remote direction state height latencyMs
  }
`);

const LinkFields = graphql(`
  fragment LinkFields on ConditionedLink { url conditions { delayMs bytesPerSecond loss cut } }
`);

const MinerFields = graphql(`
  fragment MinerFields on MinerStatus {
    mode working threads maxThreads hashrate hashrateLimit intervalSeconds hashesDone
    difficulty expectedHashes expectedSeconds address
  }
`);

const BlockFields = graphql(`
  fragment BlockFields on Block {
    hash height time difficulty totalWork size miner reward transactionCount firstSeenAt firstSeenFrom
    header { prevHash bits }
  }
`);

const TransactionFields = graphql(`
  fragment TransactionFields on Transaction {
    id kind sender recipient amount fee nonce memo size status statusReason method arguments
  }
`);

const ReceiptFields = graphql(`
  fragment ReceiptFields on Receipt {
    ok gasUsed
    error { message contract line }
    events { contract name values }
    payments { from to amount }
  }
`);

const ReorgFields = graphql(`
  fragment ReorgFields on Reorg {
    commonAncestor disconnected connected returnedToMempool depth
    droppedReasons { id reason }
  }
`);

/** A snapshot of a node, and the cursor after which its stream of events continues. */
export const SnapshotQuery = graphql(
  `
    query Snapshot($depth: Int!, $pending: Int!) {
      nodeInfo {
        name version network genesisHash addressPrefix targetSpacingSeconds startedAt listenUrl graphqlUrl mayControl
        cursor sync { state height targetHeight waiting { reason height count until } } weather { ...LinkFields }
      }
      tip { hash height }
      peers { ...PeerFields }
      miner { ...MinerFields }
      devAccounts { name address }
      mempool {
        size minimumFeeRate
        transactions(first: $pending) {
          edges { node { ...TransactionFields } }
          pageInfo { hasNextPage endCursor }
        }
      }
      genesis: block(height: 0) { header { raw } }
      blockTree(depth: $depth) {
        hash height status totalWork firstSeenAt firstSeenFrom
        header { raw }
        block { size miner reward transactionCount }
      }
    }
  `,
  [PeerFields, LinkFields, MinerFields, TransactionFields],
);

/** The development accounts of the node's network, with their keys, which are public. */
export const DevAccountKeysQuery = graphql(`query DevAccountKeys { devAccounts { name address secretKey } }`);

/** What happened before the page was opened, as far as the node keeps it. */
export const HistoryQuery = graphql(
  `
    query History($count: Int!) {
      latestEvents(count: $count, kinds: [BLOCK, REORG, MEMPOOL, CONTRACT, RESET]) {
        __typename cursor at
        ... on BlockEvent { block { hash height miner transactionCount firstSeenFrom } }
        ... on ReorgEvent { reorg { ...ReorgFields } }
        ... on MempoolEvent { change { added removed { id reason } size } }
        ... on ContractEvent { takenBack transaction events { contract name values } }
      }
    }
  `,
  [ReorgFields],
);

/** Further pages of what waits in a node's mempool. */
export const PendingQuery = graphql(
  `
    query Pending($first: Int!, $after: String) {
      mempool {
        transactions(first: $first, after: $after) {
          edges { node { ...TransactionFields } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [TransactionFields],
);

/** Everything that happens to a node after the snapshot. */
export const EventsSubscription = graphql(
  `
    subscription Events($after: Cursor!) {
      events(after: $after, kinds: [BLOCK, REORG, MEMPOOL, CONTRACT, PEERS, MINER, SYNC]) {
        __typename cursor at
        ... on BlockEvent { block { ...BlockFields header { raw } } }
        ... on ReorgEvent { reorg { ...ReorgFields } }
        ... on MempoolEvent { change { added removed { id reason } size transactions { ...TransactionFields } } }
        ... on PeersEvent { peers { ...PeerFields } weather { ...LinkFields } }
        ... on MinerEvent { miner { ...MinerFields } }
        ... on SyncEvent { sync { state height targetHeight waiting { reason height count until } } }
        ... on ContractEvent { takenBack transaction events { contract name values } }
        ... on GapEvent { missed }
      }
    }
  `,
  [BlockFields, ReorgFields, TransactionFields, PeerFields, LinkFields, MinerFields],
);

export const BlocksQuery = graphql(
  `
    query Blocks($first: Int, $after: String, $last: Int, $before: String) {
      blocks(first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { ...BlockFields } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  `,
  [BlockFields],
);

export const BlockQuery = graphql(
  `
    query Block($hash: Hash, $height: Int, $first: Int!, $after: String) {
      block(hash: $hash, height: $height) {
        ...BlockFields
        canonical confirmations
        header { raw }
        transactions(first: $first, after: $after) {
          edges { node { ...TransactionFields receipt { ...ReceiptFields } } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
    }
  `,
  [BlockFields, TransactionFields, ReceiptFields],
);

/** The transactions of a block of any branch; null where the node never had its body. */
export const BlockTransactionsQuery = graphql(
  `
    query BlockTransactions($hash: Hash!, $first: Int!) {
      block(hash: $hash) {
        transactions(first: $first) { edges { node { ...TransactionFields } } pageInfo { hasNextPage } }
      }
    }
  `,
  [TransactionFields],
);

export const TransactionQuery = graphql(
  `
    query Transaction($id: Hash!) {
      transaction(id: $id) {
        ...TransactionFields
        raw confirmations gas
        receipt { ...ReceiptFields }
        block { hash height time canonical }
      }
    }
  `,
  [TransactionFields, ReceiptFields],
);

export const AccountQuery = graphql(
  `
    query Account($address: String!, $first: Int!, $after: String) {
      account(address: $address) {
        address name balance nonce pendingBalance pendingNonce
        transactions(first: $first, after: $after) {
          edges { node { ...TransactionFields receipt { ...ReceiptFields } block { hash height time } } }
          pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
      }
      contract(address: $address) { name }
    }
  `,
  [TransactionFields, ReceiptFields],
);

/** What a transfer is made from: what its sender has, and what the node demands. */
export const SenderQuery = graphql(`
  query Sender($address: String!) {
    account(address: $address) { address balance nonce pendingBalance pendingNonce }
    mempool { minimumFeeRate }
  }
`);

/** Up to where an account's transfers are confirmed, and pending without a gap. */
export const NoncesQuery = graphql(`
  query Nonces($address: String!) {
    account(address: $address) { nonce pendingNonce }
  }
`);

/** What the class of a contract is called; null while there is none at this address. */
export const ContractNameQuery = graphql(
  `query ContractName($address: String!) { contract(address: $address) { name } }`,
);

/** A contract at the tip: what it is, and what it says of itself. */
export const ContractPageQuery = graphql(`
  query ContractPage($address: String!) {
    tip { height }
    contract(address: $address) {
      address name comment source codeHash balance
      methods { name comment }
      fields { name comment }
    }
  }
`);

/** What a contract stores at paths. */
export const SlotsAtQuery = graphql(`
  query SlotsAt($address: String!, $paths: [Hex!]!) {
    tip { height }
    contract(address: $address) { slotsAt(paths: $paths) { valueJson } }
  }
`);

/** A page of all that a contract stores, in the order of hashes. */
export const SlotsQuery = graphql(`
  query Slots($address: String!, $first: Int!, $after: String) {
    contract(address: $address) {
      slots(first: $first, after: $after) {
        edges { node { field keyJson valueJson } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`);

/** What a contract told on the active chain, newest first. */
export const ContractEventsQuery = graphql(`
  query ContractEvents($contract: String!, $first: Int!, $after: String) {
    contractEvents(contract: $contract, first: $first, after: $after) {
      edges { node { contract name values transaction blockHash blockHeight index } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

/** What a call would do in the next block. */
export const DryRunQuery = graphql(`
  query DryRun($input: SimulateCallInput!) {
    tip { height }
    simulateCall(input: $input) {
      ok gasUsed result
      error { message contract line column }
      events { contract name values }
      payments { from to amount }
    }
  }
`);

/** The source of a deploy, which names what has not become a contract. */
export const DeploySourceQuery = graphql(`query DeploySource($id: Hash!) { transaction(id: $id) { source } }`);

/** Which of two things a hash names. */
export const FindQuery = graphql(`
  query Find($hash: Hash!) {
    block(hash: $hash) { hash }
    transaction(id: $hash) { id }
  }
`);

/** Programs that mine through the node; null where none can connect. */
export const StratumQuery = graphql(`
  query Stratum {
    miner {
      stratum {
        listens
        miners { id user program hashrate blocks shares { accepted stale refused } }
      }
    }
  }
`);

export const MineMutation = graphql(`
  mutation Mine($to: String) {
    mine(count: 1, to: $to) {
      __typename
      ... on BlocksMined { blocks { hash height } }
      ... on MiningFailed { code message }
    }
  }
`);

export const SetMiningMutation = graphql(
  `
    mutation SetMining($mode: MiningMode!, $threads: Int, $hashrateLimit: Float, $intervalSeconds: Float) {
      setMining(mode: $mode, threads: $threads, hashrateLimit: $hashrateLimit, intervalSeconds: $intervalSeconds) {
        ...MinerFields
      }
    }
  `,
  [MinerFields],
);

export const SubmitMutation = graphql(`
  mutation Submit($raw: Hex!) {
    submitTransaction(raw: $raw) {
      __typename
      ... on TransactionAccepted { transaction { id status } }
      ... on TransactionRejected { code message }
    }
  }
`);

export const ConnectPeerMutation = graphql(`
  mutation ConnectPeer($url: String!) {
    connectPeer(url: $url) {
      __typename
      ... on PeerConnected { peer { id } }
      ... on OperationFailed { code message }
    }
  }
`);

export const DisconnectPeerMutation = graphql(`
  mutation DisconnectPeer($id: ID!) {
    disconnectPeer(id: $id) {
      __typename
      ... on PeerDisconnected { id }
      ... on OperationFailed { code message }
    }
  }
`);

export const SetWeatherMutation = graphql(`
  mutation SetWeather($peer: ID!, $conditions: LinkConditionsInput!) {
    setLinkConditions(peer: $peer, conditions: $conditions) {
      __typename
      ... on LinkConditionsSet { link { url } }
      ... on OperationFailed { code message }
    }
  }
`);

export const ClearWeatherMutation = graphql(`
  mutation ClearWeather($peer: ID!) {
    clearLinkConditions(peer: $peer) {
      __typename
      ... on LinkConditionsCleared { urls }
      ... on OperationFailed { code message }
    }
  }
`);

export const InvalidateMutation = graphql(`
  mutation Invalidate($hash: Hash!) {
    invalidateBlock(hash: $hash) {
      __typename
      ... on BlockValidityChanged { tip { hash height } }
      ... on OperationFailed { code message }
    }
  }
`);

export const ReconsiderMutation = graphql(`
  mutation Reconsider($hash: Hash!) {
    reconsiderBlock(hash: $hash) {
      __typename
      ... on BlockValidityChanged { tip { hash height } }
      ... on OperationFailed { code message }
    }
  }
`);

export type Snapshot = ResultOf<typeof SnapshotQuery>;
export type NodeEvent = ResultOf<typeof EventsSubscription>['events'];
export type HistoryEvent = ResultOf<typeof HistoryQuery>['latestEvents'][number];
export type NodeInfo = Snapshot['nodeInfo'];
export type Peer = ResultOf<typeof PeerFields>;
export type Miner = ResultOf<typeof MinerFields>;
export type StratumAnswer = ResultOf<typeof StratumQuery>;
export type BlockData = ResultOf<typeof BlockFields>;
export type TransactionData = ResultOf<typeof TransactionFields>;
export type SlotsData = ResultOf<typeof SlotsQuery>;
export type ConfirmedEventData = ResultOf<typeof ContractEventsQuery>['contractEvents']['edges'][number]['node'];
export type DryRunData = ResultOf<typeof DryRunQuery>['simulateCall'];
export type ReceiptData = ResultOf<typeof ReceiptFields>;
export type ReorgData = ResultOf<typeof ReorgFields>;
