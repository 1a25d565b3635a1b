import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import fc from 'fast-check';
import { UsageError } from '../../cli/cli-errors.ts';
import { checkMnemonic } from '../../cli/commands/mnemonic.ts';
import { parseAccountIndex } from '../../cli/commands/wallet.ts';
import { parseClusterOptions } from '../../cli/settings/cluster-settings.ts';
import { parseDashboardOptions, parseStartOptions } from '../../cli/settings/dashboard-settings.ts';
import { addFlags, givenFlags, NODE_FLAGS, START_FLAGS, variableName } from '../../cli/settings/node-flags.ts';
import { parseNodeOptions, parseVerifyOptions } from '../../cli/settings/node-settings.ts';
import { parseNodeToAsk } from '../../cli/settings/node-to-ask.ts';
import { formatAddress } from '../../consensus/address.ts';
import { newMnemonic } from '../../consensus/mnemonic.ts';
import { REGTEST } from '../../consensus/networks.ts';
import { OptionError } from '../../server/process/expected-error.ts';
import { parseNetwork, parseRecipient } from '../../server/settings/network-values.ts';
import {
  parseBindHost,
  parseChoice,
  parseHashrate,
  parseHostName,
  parseMiningSchedule,
  parseNodeName,
  parseOrigin,
  parseSwitch,
  parseWholeNumber,
} from '../../server/settings/option-values.ts';
import { SeededRandom } from '../../simulator/seeded-random.ts';
import { forklore } from '../cli/stub-node.ts';
import { bytesOf, hexOf } from '../consensus/arbitraries.ts';
import { checkErrorOutput, outcomeOf } from './judgement.ts';
import { type FuzzTarget, slowTarget, target } from './target.ts';
import { hostileText, nearly, nearlyJson } from './text-mutations.ts';
import { textFormat } from './text-targets.ts';

const LABEL = '--flag';
const MAX_PORT = 65_535;
/** A port that web clients refuse to call: what gets so far ends without a packet. */
const NOWHERE = 'http://127.0.0.1:1';
/** Lines of an error, help for the command included. */
const MAX_ERROR_CHARS = 4_000;

const addressText = hexOf(20).map((address) => formatAddress(address, REGTEST.addressPrefix));
const asIs = (text: string): string => text;

/** The values of flags, each by its own parser. `canonical` is how the value would be written. */
function value<T>(
  name: string,
  parse: (text: string) => T,
  format: (value: T) => string,
  ...valid: readonly string[]
): FuzzTarget {
  return textFormat(name, { parse, format, refusals: [OptionError], valid: fc.constantFrom(...valid) });
}

const hashrate = target(
  'cli-hashrate',
  nearly(fc.constantFrom('500k', '1.5M', '250000', '0', '0.5k', '999999999999.999999G')),
  (text) => {
    const outcome = outcomeOf(text.length, [OptionError], () => parseHashrate(LABEL, text));
    if (outcome) assert.ok(outcome.value === 0 || (outcome.value >= 1 && Number.isFinite(outcome.value)));
  },
  { notation: 'text' },
);

const VALUES = [
  value(
    'cli-whole-number',
    (text) => parseWholeNumber(LABEL, text, 0, MAX_PORT),
    String,
    '0',
    '5000',
    '65535',
    '65536',
  ),
  value('cli-choice', (text) => parseChoice(LABEL, text, ['quick', 'full']), asIs, 'quick', 'full'),
  value('cli-switch', (text) => parseSwitch(LABEL, text), String, 'true', 'false', '1', '0'),
  value(
    'cli-mining-schedule',
    (text) => parseMiningSchedule(LABEL, text),
    ({ mode, intervalMs }) => (mode === 'interval' ? `interval:${intervalMs / 1_000}` : mode),
    'off',
    'continuous',
    'interval:10',
    'interval:0.1',
    'interval:86400',
  ),
  value('cli-bind-host', (text) => parseBindHost(LABEL, text), asIs, '127.0.0.1', '::1', '0.0.0.0', 'localhost'),
  value('cli-host-name', (text) => parseHostName(LABEL, text), asIs, 'node.example.org', 'Example.ORG', '::1'),
  value('cli-origin', (text) => parseOrigin(LABEL, text), asIs, 'https://example.org', 'http://localhost:8000/'),
  value('cli-node-url', (text) => parseNodeToAsk(LABEL, text), asIs, 'http://127.0.0.1:5000', 'https://[::1]/graphql'),
  value('cli-node-name', (text) => parseNodeName(LABEL, text), asIs, 'node-5000', 'a b.c_d'),
  value('cli-account-index', parseAccountIndex, String, '0', '2147483647', '2147483648'),
  value(
    'cli-network',
    (text) => parseNetwork({ label: LABEL, text }),
    ({ name }) => name,
    'lab',
    'regtest',
    'x.json',
  ),
  hashrate,
  textFormat('cli-mnemonic', {
    parse: (text) => checkMnemonic(LABEL, text),
    format: asIs,
    refusals: [UsageError],
    valid: bytesOf(16).map(newMnemonic),
  }),
  textFormat('cli-recipient', {
    parse: (text) => parseRecipient({ label: LABEL, text }, REGTEST),
    format: (address) => formatAddress(address, REGTEST.addressPrefix),
    refusals: [OptionError],
    valid: fc.oneof(addressText, fc.constantFrom('Alice', 'bob', 'Judy')),
  }),
];

/** What flags, variables and the configuration file may say, right or wrong. */
const settingText = nearly(
  fc.constantFrom(
    ...['5000', '0', 'true', 'false', 'regtest', 'lab', '127.0.0.1', 'http://127.0.0.1:5001', 'off', 'interval:10'],
    ...['500k', 'Alice', 'quick', 'full', 'debug', 'json', 'https://example.org', 'mesh', 'star', '3', ''],
  ),
);
const flagNames = START_FLAGS.map(({ flags }) => flags.split(' ')[0] ?? '');
const fileMembers = Object.fromEntries(
  NODE_FLAGS.filter(({ key }) => key !== 'config').map(({ key }) => [
    key,
    fc.oneof(
      settingText.map((text) => JSON.stringify(text)),
      fc.constantFrom('5000', 'true', 'false', '[]', '["a"]'),
    ),
  ]),
);
/** Few of them at a time, or nothing would ever be accepted. */
const configFile = fc
  .tuple(nearlyJson(fileMembers), fc.uniqueArray(fc.constantFrom(...Object.keys(fileMembers)), { maxLength: 3 }))
  .chain(([whole, keys]) =>
    fc.oneof(
      fc.constant(whole),
      nearlyJson(Object.fromEntries(keys.map((key) => [key, fileMembers[key] ?? settingText]))),
    ),
  );

const PARSERS = {
  node: parseNodeOptions,
  verify: parseVerifyOptions,
  dashboard: parseDashboardOptions,
  cluster: (flags, environment) => parseClusterOptions(flags, environment, new SeededRandom(1)),
  start: (flags, environment) => parseStartOptions(flags, environment, new SeededRandom(1)),
} satisfies Record<string, typeof parseNodeOptions | ((...args: Parameters<typeof parseNodeOptions>) => unknown)>;

let folder: string | null = null;

/** A folder of this process, for files that are read by their names. */
export function scratchFolder(): string {
  if (folder === null) {
    const created = mkdtempSync(join(tmpdir(), 'forklore-fuzz-'));
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
    folder = created;
  }
  return folder;
}

const settings = target(
  'cli-settings',
  fc.record({
    program: fc.constantFrom(...(Object.keys(PARSERS) as (keyof typeof PARSERS)[])),
    arguments: fc.array(fc.oneof(fc.constantFrom(...flagNames), settingText), { maxLength: 6 }),
    variables: fc.dictionary(
      fc.oneof(fc.constantFrom(...NODE_FLAGS.map(({ key }) => variableName(key))), hostileText),
      settingText,
      { maxKeys: 3 },
    ),
    file: fc.option(configFile),
  }),
  ({ program, arguments: args, variables, file }) => {
    const path = join(scratchFolder(), 'node.json');
    if (file !== null) writeFileSync(path, file);
    const given = file === null ? args : [...args, '--config', path];
    const command = addFlags(new Command(), START_FLAGS)
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    const environment = { HOME: scratchFolder(), ...variables };
    try {
      command.parse(given, { from: 'user' });
    } catch (error) {
      if (error instanceof CommanderError) return;
      throw error;
    }
    const flags = givenFlags(command, START_FLAGS);
    outcomeOf(file?.length ?? 0, [OptionError], () => PARSERS[program](flags, environment));
  },
  { notation: 'json', shortRuns: 250, weight: 3 },
);

const COMMANDS = ['tip', 'block', 'tx', 'account', 'peers', 'mempool', 'send', 'mine', 'wallet', 'wallet address'];
const ARGUMENTS = [
  ...[
    '--json',
    '--limit',
    '--fee',
    '--memo',
    '--nonce',
    '--account',
    '--to',
    '--count',
    '--network',
    '--mnemonic-stdin',
  ],
  ...['Alice', 'Bob', '10', '0.5', '0', 'regtest', 'ab'.repeat(32)],
];

/** The program as a whole, for commands that end by themselves. */
const program = slowTarget(
  'cli-program',
  fc.record({
    command: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...COMMANDS) }, { weight: 1, arbitrary: hostileText }),
    arguments: fc.array(nearly(fc.constantFrom(...ARGUMENTS)), { maxLength: 5 }),
    input: fc.option(nearly(bytesOf(16).map(newMnemonic)), { nil: undefined }),
  }),
  async ({ command, arguments: args, input }) => {
    // Only what ends by itself, and writes no files.
    if (args.some((text) => text.startsWith('--o')) || ['node', 'cluster', 'start', 'dashboard'].includes(command))
      return;
    const surroundings = { environment: { FORKLORE_NODE: NOWHERE }, ...(input === undefined ? {} : { input }) };
    const { code, stderr } = await forklore([...command.split(' '), ...args], surroundings);
    assert.ok([0, 1, 2].includes(code), `exit code ${code}`);
    assert.ok(!stderr.startsWith('internal error'), stderr);
    assert.ok(stderr.length <= MAX_ERROR_CHARS, `${stderr.length} characters of error`);
    checkErrorOutput(stderr);
  },
  { notation: 'json', shortRuns: 120, weight: 3 },
);

/** What is given at a start: flags, variables, configuration files, arguments. */
export const COMMAND_LINE_TARGETS: readonly FuzzTarget[] = [...VALUES, settings, program];
