import { type Command, Option } from 'commander';
import { withValues } from '../completion/with-values.ts';
import { NETWORK_NAMES } from '../settings/flag-values.ts';
import { addMnemonicOptions } from './client-commands.ts';
import type { CliContext } from './client-context.ts';

const NETWORK_OPTION = '--network <name|file>';
const NETWORK_HELP = 'network whose addresses are shown: lab, regtest or a .json file (default: lab)';
const OUT_OPTION = '--out <file>';
const OUT_HELP = 'keep the words in this new file, which only you can read';
const JSON_HELP = 'print the data as JSON and nothing else';

/** Registers `forklore wallet`, which works without a node: keys never leave the machine. */
export function addWalletCommands(program: Command, context: CliContext): void {
  const wallet = program
    .command('wallet')
    .description('make and check mnemonics, and show their addresses')
    .addHelpText('after', '\nExample:\n  forklore wallet new --out alice.words');
  wallet
    .command('new')
    .description('make a mnemonic of twelve words')
    .option(OUT_OPTION, OUT_HELP)
    .addOption(withValues(new Option(NETWORK_OPTION, NETWORK_HELP), NETWORK_NAMES))
    .option('--json', JSON_HELP)
    .addHelpText('after', '\nExample:\n  forklore wallet new --out alice.words')
    .action(async (flags) => (await import('./wallet.ts')).newWallet(flags, context));
  const address = wallet
    .command('address')
    .description('show addresses of a mnemonic')
    .option('--account <number>', 'index of the first key (default: 0)')
    .option('--count <number>', 'how many addresses (default: 1)');
  addMnemonicOptions(address);
  address
    .addOption(withValues(new Option(NETWORK_OPTION, NETWORK_HELP), NETWORK_NAMES))
    .option('--json', JSON_HELP)
    .addHelpText('after', '\nExample:\n  forklore wallet address --mnemonic-file alice.words --count 3')
    .action(async (flags) => (await import('./wallet.ts')).listAddresses(flags, context));
  wallet
    .command('import')
    .description('check a mnemonic and keep it where --out says')
    .argument('[FILE]', 'file with the words; - or none: standard input')
    .option(OUT_OPTION, OUT_HELP)
    .addOption(withValues(new Option(NETWORK_OPTION, NETWORK_HELP), NETWORK_NAMES))
    .option('--json', JSON_HELP)
    .addHelpText('after', '\nExample:\n  forklore wallet import old.words --out alice.words')
    .action(async (file, flags) => (await import('./wallet.ts')).importWallet(file, flags, context));
}
