import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { formatAddress } from '../../consensus/address.ts';
import { deriveKeyPair } from '../../consensus/keys.ts';
import { MNEMONIC_ENTROPY_BYTES, newMnemonic } from '../../consensus/mnemonic.ts';
import type { NetworkParams } from '../../consensus/params.ts';
import { systemProblem } from '../../server/process/system-problem.ts';
import { parseNetwork } from '../../server/settings/network-values.ts';
import { MAX_ACCOUNT_INDEX, parseWholeNumber } from '../../server/settings/option-values.ts';
import { readTextFile } from '../../server/settings/read-text-file.ts';
import { CommandError, UsageError } from '../cli-errors.ts';
import { json, record } from '../output/output.ts';
import { table } from '../output/table.ts';
import type { CliContext } from './client-context.ts';
import { checkMnemonic, type MnemonicFlags, readMnemonic, readPipedWords } from './mnemonic.ts';

const DEFAULT_NETWORK = 'lab';
const MAX_LISTED_ADDRESSES = 1_000;
/** Read and write for the owner, nothing for others. */
const PRIVATE_MODE = 0o600;
/** Stands for standard input in place of a file. */
const STDIN_FILE = '-';

/** Flags of all wallet commands. */
export interface WalletFlags {
  readonly network?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** Flags of `forklore wallet address`. */
export interface AddressFlags extends WalletFlags, MnemonicFlags {
  readonly account?: string;
  readonly count?: string;
}

/** `forklore wallet new`: twelve new words, shown, or written to a new file and not shown. */
export function newWallet(flags: WalletFlags, context: CliContext): void {
  const network = networkOf(flags, context);
  const mnemonic = newMnemonic(randomBytes(MNEMONIC_ENTROPY_BYTES));
  if (flags.out !== undefined) writeMnemonic(flags.out, mnemonic);
  const address = addressAt(mnemonic, 0, network);
  const { terminal } = context;
  if (flags.json)
    return terminal.print(json(flags.out === undefined ? { mnemonic, address } : { file: flags.out, address }));
  const place = flags.out ?? 'nowhere: write the words down now';
  const fields: [string, string][] = [
    ['address', address],
    ['kept in', place],
  ];
  terminal.print(record(terminal.colors, flags.out === undefined ? [['words', mnemonic], ...fields] : fields));
  terminal.printError(terminal.colors.yellow('Whoever knows the words can spend everything. Nobody can restore them.'));
}

/** `forklore wallet address`: addresses of a mnemonic. */
export async function listAddresses(flags: AddressFlags, context: CliContext): Promise<void> {
  const network = networkOf(flags, context);
  const first = parseAccountIndex(flags.account);
  const count = flags.count === undefined ? 1 : parseWholeNumber('--count', flags.count, 1, MAX_LISTED_ADDRESSES);
  const mnemonic = await readMnemonic(flags, context);
  if (mnemonic === undefined) {
    throw new UsageError('no mnemonic: give --mnemonic-file FILE, --mnemonic-stdin or FORKLORE_MNEMONIC');
  }
  const accounts = Array.from({ length: count }, (_, offset) => {
    const account = first + offset;
    return { account, address: addressAt(mnemonic, account, network) };
  });
  const { terminal } = context;
  if (flags.json) return terminal.print(json(accounts));
  const rows = accounts.map(({ account, address }) => [String(account), address]);
  terminal.print(table(terminal.colors, ['account', 'address'], rows, ['account']));
}

/** `forklore wallet import`: checks words from a file or a pipe, and keeps them where it is told to. */
export async function importWallet(file: string | undefined, flags: WalletFlags, context: CliContext): Promise<void> {
  const network = networkOf(flags, context);
  const mnemonic = await importedMnemonic(file, context);
  if (flags.out !== undefined) writeMnemonic(flags.out, mnemonic);
  const address = addressAt(mnemonic, 0, network);
  const { terminal } = context;
  if (flags.json) return terminal.print(json({ address, ...(flags.out === undefined ? {} : { file: flags.out }) }));
  const fields: [string, string][] = [
    ['address', address],
    ['kept in', flags.out ?? 'nowhere: the words are valid; --out FILE keeps them'],
  ];
  terminal.print(record(terminal.colors, fields));
}

/** The place of a key in its mnemonic, 0 unless given. Throws `UsageError`. */
export function parseAccountIndex(text: string | undefined): number {
  return text === undefined ? 0 : parseWholeNumber('--account', text, 0, MAX_ACCOUNT_INDEX);
}

async function importedMnemonic(file: string | undefined, { stdin }: CliContext): Promise<string> {
  if (file !== undefined && file !== STDIN_FILE) return checkMnemonic(file, readTextFile('FILE', file));
  if (stdin.isTTY) throw new UsageError('FILE is missing: name the file with the words, or pipe them in: … < FILE');
  return checkMnemonic('standard input', await readPipedWords(stdin));
}

function networkOf(flags: WalletFlags, { environment }: CliContext): NetworkParams {
  if (flags.network !== undefined) return parseNetwork({ label: '--network', text: flags.network });
  return parseNetwork({ label: 'FORKLORE_NETWORK', text: environment.FORKLORE_NETWORK || DEFAULT_NETWORK });
}

function addressAt(mnemonic: string, account: number, network: NetworkParams): string {
  return formatAddress(deriveKeyPair(mnemonic, account).address, network.addressPrefix);
}

/** Never over a file that exists, which could be another wallet. */
function writeMnemonic(path: string, mnemonic: string): void {
  try {
    const descriptor = openSync(path, 'wx', PRIVATE_MODE);
    try {
      writeSync(descriptor, `${mnemonic}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new CommandError(`--out: cannot write ${path} (${systemProblem(error)}); nothing was overwritten`);
  }
}
