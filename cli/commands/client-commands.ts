import { Argument, type Command, Option } from 'commander';
import { withValues } from '../completion/with-values.ts';
import { NETWORK_NAMES } from '../settings/flag-values.ts';
import { asClient, asControl } from './as-client.ts';
import type { CliContext } from './client-context.ts';
import { EVENT_NAMES } from './event-names.ts';

/**
 * Registers the commands that ask a running node. Each loads its code when it is called, so that none waits for the
 * others.
 */
export function addClientCommands(program: Command, context: CliContext): void {
  addQueries(program, context);
  addSend(program, context);
  addMine(program, context);
  addWatch(program, context);
  addWait(program, context);
  addApi(program, context);
}

function addQueries(program: Command, context: CliContext): void {
  asClient(program.command('tip').description('show the last block'), 'forklore tip').action(async (flags) =>
    (await import('./show-tip.ts')).showTip(flags, context),
  );
  asClient(
    program
      .command('block')
      .description('show a block and its transactions; without an argument the last one')
      .argument('[HASH|HEIGHT]', 'hash of any block, or height on the active chain'),
    'forklore block 12',
  ).action(async (id, flags) => (await import('./show-block.ts')).showBlock(id, flags, context));
  asClient(
    program.command('tx').description('show a transaction').argument('<ID>', 'transaction id'),
    'forklore tx 6b8c3d1e5f7a902b4c6d8e0f1a3b5c7d9e1f2a4b6c8d0e2f3a5b7c9d1e3f5a7b',
  ).action(async (id, flags) => (await import('./show-transaction.ts')).showTransaction(id, flags, context));
  asClient(
    program
      .command('account')
      .description('show an account and its latest transactions')
      .argument('<NAME|ADDRESS>', 'address or development account'),
    'forklore account Alice',
  ).action(async (address, flags) => (await import('./show-account.ts')).showAccount(address, flags, context));
  asClient(program.command('peers').description('show the peers of the node'), 'forklore peers --json').action(
    async (flags) => (await import('./show-peers.ts')).showPeers(flags, context),
  );
  asClient(program.command('tips').description('show the last blocks of all branches'), 'forklore tips').action(
    async (flags) => (await import('./show-tips.ts')).showTips(flags, context),
  );
  asClient(
    program.command('template').description('show the block that the node would mine now'),
    'forklore template',
  ).action(async (flags) => (await import('./show-template.ts')).showTemplate(flags, context));
  asClient(
    program
      .command('mempool')
      .description('show what waits to be mined')
      .option('--limit <number>', 'transactions to show, at most 100 (default: 20)'),
    'forklore mempool --limit 5',
  ).action(async (flags) => (await import('./show-mempool.ts')).showMempool(flags, context));
}

function addSend(program: Command, context: CliContext): void {
  const command = program
    .command('send')
    .description('sign a transfer on this machine, submit it and print its id')
    .argument('<FROM>', 'development account, or the address of a mnemonic')
    .argument('<TO>', 'address or development account')
    .argument('<AMOUNT>', 'coins, such as 10 or 0.5')
    .option('--fee <coins>', 'fee (default: 0.00001, or up to 0.001 where the node demands more)')
    .option('--memo <text>', 'text that everyone can read, at most 256 bytes')
    .option('--nonce <number>', 'account nonce (default: the next one)')
    .option('--wait', 'wait until the transfer is confirmed; exit code 1 when it is dropped');
  addSigningOptions(command);
  asClient(command, 'forklore send Alice Bob 10 --wait').action(async (from, to, amount, flags) =>
    (await import('./send.ts')).send([from, to, amount], flags, context),
  );
}

function addMine(program: Command, context: CliContext): void {
  const command = program
    .command('mine')
    .description('let the node mine now')
    .argument('[COUNT]', 'blocks to mine, at most 10000 (default: 1)')
    .option('--to <address>', 'who is paid: an address or development account (default: as the node is set)')
    .option('--tx <id...>', 'exactly these transactions in the first block, in this order, and none in the others')
    .option('--empty', 'no transactions')
    .option('--on <block>', 'mine on this block of any branch: its hash, or its height on the active chain');
  asControl(command, 'forklore mine 3 --to Alice').action(async (count, flags) =>
    (await import('./mine.ts')).mine(count, flags, context),
  );
}

function addWatch(program: Command, context: CliContext): void {
  const command = program
    .command('watch')
    .description('show what happens on the node, until Ctrl-C')
    .addArgument(
      withValues(
        new Argument('[EVENT...]', `which events: ${EVENT_NAMES.join(', ')} (default: all but miner)`),
        EVENT_NAMES,
      ),
    )
    .option('--after <cursor>', 'begin after the event with this cursor, as --json shows it (default: now)');
  asClient(command, 'forklore watch block reorg').action(async (events, flags) =>
    (await import('./watch.ts')).watch(events, flags, context),
  );
}

function addWait(program: Command, context: CliContext): void {
  const command = program
    .command('wait')
    .description('wait until the node has a height, a transaction or peers')
    .option('--height <number>', 'until the tip is at this height or above')
    .option('--tx <id>', 'until this transaction is confirmed; exit code 1 when it is dropped')
    .option('--confirmations <number>', 'with --tx: blocks from its own to the tip (default: 1)')
    .option('--peers <number>', 'until so many peers are connected')
    .option('--timeout <seconds>', 'give up after this time, with exit code 1 (default: never)');
  asClient(command, 'forklore wait --height 10 --timeout 60').action(async (flags) =>
    (await import('./wait.ts')).wait(flags, context),
  );
}

function addApi(program: Command, context: CliContext): void {
  const command = program
    .command('api')
    .description('run a query or a mutation in GraphQL and print its data as JSON')
    .argument('[QUERY]', 'such as "{ tip { height } }"; - reads it from a pipe')
    .option('--query-file <file>', 'file that holds the query')
    .option('--var <name=value...>', 'a variable; the value is JSON, or text where it is no JSON; repeatable');
  asControl(command, "forklore api 'query ($id: Hash!) { transaction(id: $id) { status } }' --var id=6b8c…").action(
    async (query, flags) => (await import('./call-api.ts')).callApi(query, flags, context),
  );
}

/** Which key signs, where its mnemonic comes from, and for which network. */
export function addSigningOptions(command: Command): void {
  addMnemonicOptions(command);
  addKeyOptions(command);
}

/** Which key signs, and for which network. */
export function addKeyOptions(command: Command): Command {
  return command
    .option('--account <number>', "index of the mnemonic's key (default: 0)")
    .addOption(
      withValues(
        new Option('--network <name|file>', 'sign for this network only: lab, regtest or a .json file'),
        NETWORK_NAMES,
      ),
    );
}

/** Where a mnemonic comes from. */
export function addMnemonicOptions(command: Command): void {
  command
    .option('--mnemonic-file <file>', 'file with the words; also FORKLORE_MNEMONIC, the words themselves')
    .option('--mnemonic-stdin', 'read the words from a pipe');
}
