import picocolors from 'picocolors';
import { formatAddress } from '../../consensus/address.ts';
import { formatAmount } from '../../consensus/amount.ts';
import type { Network } from '../../consensus/genesis.ts';
import { shortHash } from '../../consensus/hash.ts';
import { printable } from '../../consensus/quotable.ts';
import type { ClusterRow } from '../../server/cluster/cluster-messages.ts';
import type { NodeOptions } from '../../server/node/node-options.ts';
import { type ListedAccounts, listedAccounts } from './listed-accounts.ts';
import { type Colors, record } from './output.ts';
import { table } from './table.ts';

/** An account that is funded from the start and whose keys everyone knows. */
export interface BannerAccount {
  readonly name: string;
  /** Text form: `lore1…`. */
  readonly address: string;
  /** Base units. */
  readonly balance: bigint;
}

/** Values of a node's banner. */
export interface BannerValues {
  readonly version: string;
  readonly name: string;
  readonly network: string;
  readonly genesisHash: string;
  readonly graphqlUrl: string;
  /** URLs of the API for other machines; empty if only this machine can reach it. */
  readonly networkUrls: readonly string[];
  /** The announced URL, if it was set. */
  readonly announce: string | null;
  /** Null where the playground is not served. */
  readonly playgroundUrl: string | null;
  /** Null when everything is kept in memory. */
  readonly dataDir: string | null;
  readonly tipHeight: number;
  readonly tipHash: string;
  /** Such as `continuous, 1 thread`; null when the node mines only on demand. */
  readonly mining: string | null;
  /** Where mining programs connect, `host:port`; null where none can. */
  readonly stratum: string | null;
  /** Path of the token file; null if no token is needed. */
  readonly adminTokenFile: string | null;
  /** Empty where the network has no development accounts. */
  readonly developmentAccounts: readonly BannerAccount[];
  /** The same with mnemonic and keys, where they were asked for; else null. */
  readonly listedAccounts: ListedAccounts | null;
  /** Whether the text is for a terminal that shows colours. */
  readonly colors: boolean;
}

/** Where the dashboard is. */
export interface DashboardPlace {
  /** As this machine reaches it. */
  readonly url: string;
  /** URLs for other machines; empty if only this machine can reach it. */
  readonly networkUrls: readonly string[];
}

const WARNING = ' PUBLICLY KNOWN KEYS ';
const INDENT = '  ';
/** Accounts that a banner lists: more would push what is above them off the screen. */
const MAX_SHOWN_ACCOUNTS = 20;
const HOW_TO_STOP = 'Press Ctrl-C to stop.';
const WHAT_TOKEN_IS_FOR =
  'Anyone with the token controls the nodes; everyone else can only read and send signed transactions.';
const NOTHING_KEPT = 'Everything is lost at exit; --data-dir FOLDER keeps it.';

/** The banner of a node. Ends with a new line. */
export function banner(values: BannerValues): string {
  const colors = picocolors.createColors(values.colors);
  const title = `${colors.bold(colors.cyan('Forklore'))} ${values.version}  ${colors.dim(printable(values.name))}`;
  const sections = [title, record(colors, fieldsOf(values, colors))];
  if (values.developmentAccounts.length > 0)
    sections.push(accountsOf(values.developmentAccounts, values.listedAccounts, colors));
  return `\n${indented(sections.join('\n\n'))}\n\n`;
}

/**
 * The banner of a cluster; `nodes` are all nodes, `rows` those that run, and `addresses` those for other machines. Ends
 * with a new line.
 */
export function clusterBanner(
  rows: readonly ClusterRow[],
  nodes: readonly NodeOptions[],
  addresses: readonly string[] = [],
  showColors = false,
): string {
  const colors = picocolors.createColors(showColors);
  return `\n${indented(clusterSections(rows, nodes, addresses, colors).join('\n\n'))}\n\n`;
}

/** The banner of the dashboard alone. Ends with a new line. */
export function dashboardBanner(place: DashboardPlace, nodes: readonly string[], showColors = false): string {
  const colors = picocolors.createColors(showColors);
  const list = nodes.map((node, index): [string, string] => [index === 0 ? 'Nodes' : '', printable(node)]);
  return `\n${indented([dashboardTitle(place, colors), record(colors, list), HOW_TO_STOP].join('\n\n'))}\n\n`;
}

/** The banner of a demonstration; the URL of the dashboard comes first. Ends with a new line. */
export function startBanner(
  place: DashboardPlace,
  rows: readonly ClusterRow[],
  nodes: readonly NodeOptions[],
  showColors = false,
): string {
  const colors = picocolors.createColors(showColors);
  const howToStop = nodes[0]?.dataDir === null ? `${HOW_TO_STOP} ${NOTHING_KEPT}` : HOW_TO_STOP;
  const addresses = place.networkUrls.map((url) => new URL(url).hostname);
  const sections = [dashboardTitle(place, colors), ...clusterSections(rows, nodes, addresses, colors), howToStop];
  return `\n${indented(sections.join('\n\n'))}\n\n`;
}

/** The development accounts of a network with what they have at its start; none where the network has none. */
export function genesisAccounts(network: Network): BannerAccount[] {
  if (!network.developmentAccounts) return [];
  return network.developmentAccounts.accounts.map(({ name, address }) => ({
    name,
    address: formatAddress(address, network.addressPrefix),
    balance: network.genesisState.get(address)?.balance ?? 0n,
  }));
}

function dashboardTitle({ url, networkUrls }: DashboardPlace, colors: Colors): string {
  const title = `${colors.bold(colors.cyan('Forklore'))} dashboard: ${colors.bold(colors.underline(colors.cyan(url)))}`;
  const elsewhere = networkUrls.map((each) => `${colors.dim('on the network:')}     ${colors.cyan(each)}`);
  return [title, ...elsewhere].join('\n');
}

function clusterSections(
  rows: readonly ClusterRow[],
  nodes: readonly NodeOptions[],
  addresses: readonly string[],
  colors: Colors,
): string[] {
  const network = nodes[0]?.network;
  const count = rows.length === nodes.length ? `${rows.length}` : `${rows.length} of ${nodes.length}`;
  const genesis = network ? `, ${printable(network.name)}, genesis ${shortHash(network.genesis.hash)}` : '';
  const title = `${colors.bold(colors.cyan('Forklore'))} cluster: ${count} ${nodes.length === 1 ? 'node' : 'nodes'}${genesis}`;
  const hasStratum = rows.some(({ stratum }) => stratum !== null);
  const drawnRows = rows.map(({ name, url, height, stratum }) => [
    name,
    colors.cyan(`${url}/graphql`),
    String(height),
    ...(hasStratum ? [stratum ?? ''] : []),
  ]);
  const hasPlayground = rows.every(({ isPlaygroundServed }) => isPlaygroundServed);
  const heading = hasPlayground ? 'GraphQL and playground' : 'GraphQL (--graphiql serves the playground)';
  const headings = ['node', heading, 'height', ...(hasStratum ? ['Stratum, for mining programs'] : [])];
  const sections = [title, table(colors, headings, drawnRows, ['height'])];
  if (addresses.length > 0) {
    const places = addresses.map((address, index): [string, string] => [
      index === 0 ? 'On the network' : '',
      `${colors.cyan(`http://${address}`)} and the same ports`,
    ]);
    sections.push(record(colors, places));
  }
  const tokenFiles = [...new Set(rows.flatMap(({ tokenFile }) => tokenFile ?? []))];
  if (tokenFiles.length > 0) {
    const files = tokenFiles.map((file, index): [string, string] => [
      index === 0 ? 'Admin token' : '',
      printable(file),
    ]);
    sections.push(`${record(colors, files)}\n${WHAT_TOKEN_IS_FOR}`);
  }
  const accounts = network ? genesisAccounts(network) : [];
  if (network && accounts.length > 0) sections.push(accountsOf(accounts, listedAccounts(network), colors));
  return sections;
}

function fieldsOf(values: BannerValues, colors: Colors): [string, string][] {
  const fields: [string, string][] = [
    ['GraphQL', colors.cyan(values.graphqlUrl)],
    ...values.networkUrls.map((url): [string, string] => ['On the network', colors.cyan(url)]),
    ['Playground', values.playgroundUrl === null ? 'off (--graphiql serves it)' : colors.cyan(values.playgroundUrl)],
    ['Network', `${printable(values.network)}, genesis ${shortHash(values.genesisHash)}`],
    ['Data folder', values.dataDir ?? 'none: everything is kept in memory and lost at exit'],
    ['Tip', `height ${values.tipHeight}, ${shortHash(values.tipHash)}`],
    ['Mining', values.mining ?? 'on demand'],
  ];
  if (values.stratum !== null) fields.push(['Stratum', `${values.stratum}, for mining programs`]);
  if (values.announce !== null) fields.push(['Announced as', values.announce]);
  if (values.adminTokenFile !== null) fields.push(['Admin token', values.adminTokenFile]);
  return fields;
}

function accountsOf(accounts: readonly BannerAccount[], listed: ListedAccounts | null, colors: Colors): string {
  const shown = accounts.slice(0, MAX_SHOWN_ACCOUNTS);
  const rows = shown.map(({ name, address, balance }, index) => {
    const key = listed ? [listed.developmentAccounts[index]?.secretKey ?? ''] : [];
    return [colors.bold(name), address, ...key, formatAmount(balance)];
  });
  const headings = ['Development accounts', 'address', ...(listed ? ['secret key'] : []), 'at genesis'];
  const badge = colors.bold(colors.bgYellow(colors.black(WARNING)));
  const lines = [table(colors, headings, rows, ['at genesis'])];
  if (accounts.length > shown.length) lines.push(`… and ${accounts.length - shown.length} more: query devAccounts`);
  if (listed) lines.push(`Mnemonic: ${listed.mnemonic}`);
  lines.push(`${badge} Everyone can spend from these accounts. Never send them anything of value.`);
  return lines.join('\n');
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : `${INDENT}${line}`))
    .join('\n');
}
