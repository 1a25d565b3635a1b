import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NodeUrlError, parseNodeUrl as parseShownUrl } from '../../client/node-url.ts';
import { AddressError, formatAddress, parseAddress } from '../../consensus/address.ts';
import { AmountError, formatAmount, MAX_AMOUNT, parseAmount } from '../../consensus/amount.ts';
import { requiredBits } from '../../consensus/difficulty.ts';
import { JsonFileError } from '../../consensus/json-file.ts';
import { MnemonicError, newMnemonic, parseMnemonic } from '../../consensus/mnemonic.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { totalSubsidy } from '../../consensus/subsidy.ts';
import { parseSearch } from '../../dashboard/model/search.ts';
import { parseSealed } from '../../dashboard/wallet/vault.ts';
import { isLoopbackUrl } from '../../protocol/addresses.ts';
import { isPeerUrl } from '../../protocol/messages.ts';
import { EventLog } from '../../server/events/event-log.ts';
import { AdminToken } from '../../server/http/admin-token.ts';
import { checkRequest } from '../../server/http/guard.ts';
import { parseNetworkFile } from '../../server/settings/network-file.ts';
import { normalisePeerUrl, PeerUrlError, peerSocketUrl } from '../../server/transport/peer-url.ts';
import { genesisPoint } from '../../testing/chain-builder.ts';
import { bytesOf, hexOf, u64 } from '../consensus/arbitraries.ts';
import { checkMessage, type ErrorClass, outcomeOf } from './judgement.ts';
import { wireUrl } from './message-inputs.ts';
import { type FuzzTarget, target } from './target.ts';
import { hostileText, nearly, nearlyJson } from './text-mutations.ts';

const PREFIX = REGTEST.addressPrefix;
const ADMIN_TOKEN = '5a'.repeat(32);

/** A format of texts: how it is read, how its one canonical form is written, and what may be thrown. */
interface TextFormat<T> {
  readonly parse: (text: string) => T;
  readonly format: (value: T) => string;
  readonly refusals: readonly ErrorClass[];
  readonly valid: fc.Arbitrary<string>;
}

/** What is accepted has a canonical form, which means the same. */
export function textFormat<T>(name: string, { parse, format, refusals, valid }: TextFormat<T>): FuzzTarget {
  const check = (text: string): void => {
    const outcome = outcomeOf(text.length, refusals, () => parse(text));
    if (outcome === null) return;
    const canonical = format(outcome.value);
    assert.deepEqual(parse(canonical), outcome.value, `${JSON.stringify(canonical)} means something else`);
    assert.equal(format(parse(canonical)), canonical);
  };
  return target(name, nearly(valid), check, { notation: 'text' });
}

const asIs = (text: string): string => text;
const addressText = hexOf(20).map((address) => formatAddress(address, PREFIX));
/** A network file may not have the prefix of a built-in network. */
const FILE_PREFIX = 'fuzz';
const fileAddressText = hexOf(20).map((address) => formatAddress(address, FILE_PREFIX));

const fileMembers = {
  name: fc.constantFrom('"fuzz"', '"한국"', `"${'x'.repeat(32)}"`),
  addressPrefix: fc.constantFrom(`"${FILE_PREFIX}"`, '"lore"', '"f"', '"abcdefghijklmnop"'),
  spacingSeconds: fc.constantFrom('10', '1', '86400', '86401', '1e1'),
  halfLifeSeconds: fc.constantFrom('600', '1', '31536000', '31536001'),
  bits: fc.constantFrom('"0x207fffff"', '"0x1e03ffff"', '"0x03000001"', '"0x00000000"', '"0x20ffffff"', '"0x2100ffff"'),
  retarget: fc.constantFrom('true', 'false'),
  subsidy: fc.constantFrom('"50"', '"0"', '"184467440737.09551615"', '"184467440737.09551616"', '"0.00000001"'),
  halvingInterval: fc.constantFrom('100', '1', '1000000000', '1000000001'),
  futureLimitSeconds: fc.constantFrom('60', '1', '604800', '604801'),
  genesisTime: fc.constantFrom('1767225600', '0', '4294967295', '4294967296', '-0'),
  developmentAccounts: fc.constantFrom('true', 'false'),
  controls: fc.constantFrom('true', 'false'),
  allocations: fc
    .array(fc.tuple(fileAddressText, fc.constantFrom('"1"', '"0"', '"184467440737.09551615"', '1', '"1e3"', '""')), {
      maxLength: 3,
    })
    .map((list) => `[${list.map(([address, coins]) => `{"address": "${address}", "coins": ${coins}}`).join(', ')}]`),
};

const networkFile = target(
  'network-file',
  nearlyJson(fileMembers),
  (text) => {
    const outcome = outcomeOf(text.length, [JsonFileError], () => parseNetworkFile(text));
    if (outcome === null) return;
    const network = outcome.value;
    assert.equal(parseNetworkFile(text).genesis.hash, network.genesis.hash);
    assert.ok(network.allocationTotal + totalSubsidy(2 ** 32 - 1, network) <= MAX_AMOUNT, 'more than can be encoded');
    // A chain can begin there.
    requiredBits(genesisPoint(network), network);
    checkMessage(network.name);
  },
  { notation: 'text' },
);

const peerUrl = textFormat('peer-url', {
  parse: normalisePeerUrl,
  format: asIs,
  refusals: [PeerUrlError],
  valid: fc.oneof(wireUrl, fc.constantFrom('ws://Example.ORG:80/', 'wss://[::FFFF:7f00:1]:443', 'HTTPS://a:65535')),
});

/** A URL that a peer tells of: what it would be dialled as, or the reason why not. */
const wirePeerUrl = target(
  'wire-url',
  nearly(wireUrl),
  (text) => {
    const isTaken = isPeerUrl(text);
    const dialled = outcomeOf(text.length, [PeerUrlError], () => peerSocketUrl(text));
    if (!isTaken || dialled === null) return;
    const { hostname } = new URL(dialled.value);
    const isThisMachine = /^(127(\.\d+){3}$|localhost$|\[::1\]$|\[::ffff:7f|0\.0\.0\.0$|\[::\]$)/.test(hostname);
    if (isThisMachine) assert.ok(isLoopbackUrl(text), `${text} is ${hostname}, which is this machine`);
  },
  { notation: 'text' },
);

const adminToken = target(
  'admin-token',
  nearly(fc.constantFrom(`Bearer ${ADMIN_TOKEN}`, `bearer  ${ADMIN_TOKEN}`)),
  (text) => {
    const isRight = outcomeOf(text.length, [], () => new AdminToken(ADMIN_TOKEN).accepts(text))?.value;
    assert.equal(isRight, /^bearer +/i.test(text) && text.replace(/^bearer +/i, '') === ADMIN_TOKEN);
  },
  { notation: 'text' },
);

const headerList = (valid: fc.Arbitrary<string>) =>
  fc.option(fc.array(nearly(valid), { maxLength: 2 }), { nil: undefined });
const policy = { hosts: ['node.example.org'], allowedOrigins: ['https://example.org'] };

const guard = target(
  'http-guard',
  fc.record({
    method: fc.oneof(fc.constantFrom('GET', 'POST', 'OPTIONS'), hostileText),
    host: headerList(fc.constantFrom('127.0.0.1:5000', 'localhost:5000', '[::1]:5000', 'node.example.org')),
    origin: headerList(fc.constantFrom('http://127.0.0.1:5000', 'https://example.org', 'null')),
    type: headerList(fc.constantFrom('application/json', 'application/json; charset=utf-8')),
    accept: headerList(fc.constantFrom('text/event-stream', 'text/html, */*')),
  }),
  ({ method, host, origin, type, accept }) => {
    const headers: NodeJS.Dict<string[]> = Object.fromEntries(
      Object.entries({ host, origin, 'content-type': type, accept }).filter(([, value]) => value !== undefined),
    );
    const decision = outcomeOf(0, [], () => checkRequest({ method, httpVersion: '1.1', headers }, policy))?.value;
    assert.ok(decision);
    if (!decision.allowed) return checkMessage(decision.reason);
    // Whoever is let through calls the node by a name of its own, and comes from a place that may.
    assert.match(
      host?.[0]?.toLowerCase() ?? '',
      /^(127(\.\d{1,3}){3}|localhost|\[::1\]|node\.example\.org)(:\d{1,5})?$/,
    );
    assert.ok(URL.canParse(`http://${host?.[0]}`));
    assert.equal(decision.caller.isLocal, host?.[0]?.toLowerCase().startsWith('node.') === false);
    assert.ok((host?.length ?? 0) === 1 && (origin?.length ?? 0) <= 1);
  },
  { notation: 'json' },
);

const log = new EventLog();
for (let i = 0; i < 5; i++) log.append({ kind: 'peers' }, i);

const cursor = target(
  'cursor',
  nearly(fc.constantFrom(log.lastCursor, '00000000-1', log.lastCursor.replace(/5$/, '2'))),
  (text) => {
    const events = outcomeOf(text.length, [], () => log.since(text, 3, 0))?.value;
    assert.ok(events === null || (events !== undefined && events.length <= 3));
    void log.subscribe(text, 0)?.return?.();
    assert.equal(log.subscriberCount, 0);
  },
  { notation: 'text' },
);

const search = target(
  'dashboard-search',
  nearly(fc.oneof(hexOf(32), addressText, fc.constantFrom('12', '1,234', 'Alice', '00ff…ab12'))),
  (text) => {
    const sought = outcomeOf(text.length, [], () => parseSearch(text))?.value;
    if (sought?.kind === 'height') assert.ok(Number.isSafeInteger(sought.height) && sought.height >= 0);
    if (sought?.kind === 'hash') assert.match(sought.hash, /^[0-9a-f]{64}$/);
    if (sought?.kind === 'part') assert.match(sought.digits, /^[0-9a-f]{4,}$/);
  },
  { notation: 'text' },
);

const sealed = target(
  'dashboard-sealed-wallet',
  nearlyJson({
    version: fc.constantFrom('1', '2', '"1"'),
    rounds: fc.constantFrom('600000', '1', '0', '1e3', '1e400'),
    address: hexOf(20).map((text) => `"${text}"`),
    salt: hexOf(16).map((text) => `"${text}"`),
    iv: hexOf(12).map((text) => `"${text}"`),
    sealed: hexOf(40).map((text) => `"${text}"`),
  }),
  (text) => {
    const wallet = outcomeOf(text.length, [], () => parseSealed(text))?.value;
    if (!wallet) return;
    assert.ok(Number.isSafeInteger(wallet.rounds) && wallet.rounds > 0);
    for (const part of [wallet.salt, wallet.iv, wallet.sealed]) assert.match(part, /^([0-9a-f]{2})+$/);
  },
  { notation: 'text' },
);

/** Texts that people, files, pages and peers give, apart from the command line. */
export const TEXT_TARGETS: readonly FuzzTarget[] = [
  textFormat('address', {
    parse: (text) => parseAddress(text, PREFIX),
    format: (address) => formatAddress(address, PREFIX),
    refusals: [AddressError],
    valid: fc.oneof(
      addressText,
      addressText.map((text) => text.toUpperCase()),
      hexOf(20).map((a) => formatAddress(a, 'x')),
    ),
  }),
  textFormat('amount', {
    parse: parseAmount,
    format: formatAmount,
    refusals: [AmountError],
    valid: fc.oneof(u64.map(formatAmount), fc.constantFrom('0', '10', '0.5', '1.10', '184467440737.09551615')),
  }),
  textFormat('mnemonic', {
    parse: parseMnemonic,
    format: asIs,
    refusals: [MnemonicError],
    valid: bytesOf(16).map(newMnemonic),
  }),
  networkFile,
  peerUrl,
  wirePeerUrl,
  adminToken,
  guard,
  cursor,
  textFormat('dashboard-node-url', {
    parse: parseShownUrl,
    format: asIs,
    refusals: [NodeUrlError],
    valid: fc.constantFrom(
      '5001',
      'localhost:5001',
      'http://127.0.0.1:5001/graphql',
      'https://node.example.org',
      'https://node.example.org/nodes/1/graphql',
      '[::1]:5000',
    ),
  }),
  search,
  sealed,
];
