import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatAddress } from '../../consensus/address.ts';
import { DEVELOPMENT_MNEMONIC, developmentAccountByName } from '../../consensus/development-accounts.ts';
import { parseMnemonic } from '../../consensus/mnemonic.ts';
import { forklore } from './stub-node.ts';

const ZERO_MNEMONIC = `${'abandon '.repeat(11)}about`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forklore-wallet-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function wordsFile(text: string): string {
  const path = join(folder, 'words');
  writeFileSync(path, text);
  return path;
}

function addressOf(name: string, prefix = 'lore'): string {
  return formatAddress(developmentAccountByName(name)?.address ?? '', prefix);
}

describe('words as other editors save them', () => {
  it('are read over a byte order mark, from a file and from a pipe', async () => {
    const expected = `${addressOf('Alice')}`;
    const words = `\ufeff${DEVELOPMENT_MNEMONIC}\r\n`;
    const fromFile = await forklore(['wallet', 'address', '--mnemonic-file', wordsFile(words), '--json']);
    expect(JSON.parse(fromFile.stdout)).toEqual([{ account: 0, address: expected }]);
    const fromPipe = await forklore(['wallet', 'import', '--json'], { input: words });
    expect(JSON.parse(fromPipe.stdout)).toEqual({ address: expected });
  });

  it('are named as UTF-16 where they are', async () => {
    const path = join(folder, 'words');
    writeFileSync(path, Buffer.from(`\ufeff${DEVELOPMENT_MNEMONIC}`, 'utf16le'));
    const { code, stderr } = await forklore(['wallet', 'address', '--mnemonic-file', path]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `error: --mnemonic-file: ${path} is UTF-16 text; save it as UTF-8\n`,
    });
  });
});

describe('forklore wallet new', () => {
  it('shows twelve words that are a mnemonic, and writes nothing', async () => {
    const { code, stdout } = await forklore(['wallet', 'new', '--json']);
    expect(code).toBe(0);
    const { mnemonic, address } = JSON.parse(stdout);
    expect(parseMnemonic(mnemonic)).toBe(mnemonic);
    expect(mnemonic.split(' ')).toHaveLength(12);
    expect(address).toMatch(/^lore1/);
  });

  it('makes other words every time', async () => {
    const [one, two] = await Promise.all([forklore(['wallet', 'new']), forklore(['wallet', 'new'])]);
    expect(one.stdout).not.toBe(two.stdout);
    expect(one.stderr).toContain('Whoever knows the words can spend everything.');
  });

  it('keeps the words in a file that only the owner reads, and does not show them', async () => {
    const path = join(folder, 'new.words');
    const { code, stdout } = await forklore(['wallet', 'new', '--out', path, '--network', 'regtest']);
    expect(code).toBe(0);
    const mnemonic = readFileSync(path, 'utf8').trim();
    expect(parseMnemonic(mnemonic)).toBe(mnemonic);
    expect(stdout).not.toContain(mnemonic);
    expect(stdout).toContain('rlore1');
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('never overwrites', async () => {
    const path = wordsFile('precious');
    expect(await forklore(['wallet', 'new', '--out', path])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: --out: cannot write ${path} (it exists already); nothing was overwritten\n`,
    });
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });
});

describe('forklore wallet address', () => {
  it('shows the addresses of a range of keys for the network', async () => {
    const path = wordsFile(DEVELOPMENT_MNEMONIC);
    const args = [
      'wallet',
      'address',
      '--mnemonic-file',
      path,
      '--account',
      '1',
      '--count',
      '2',
      '--network',
      'regtest',
    ];
    const { stdout } = await forklore([...args, '--json']);
    expect(JSON.parse(stdout)).toEqual([
      { account: 1, address: addressOf('Bob', 'rlore') },
      { account: 2, address: addressOf('Carol', 'rlore') },
    ]);
    expect((await forklore(args)).stdout).toContain(`      2  ${addressOf('Carol', 'rlore')}`);
  });

  it('takes the words from a pipe or the environment as well', async () => {
    const piped = await forklore(['wallet', 'address', '--mnemonic-stdin'], { input: `${DEVELOPMENT_MNEMONIC}\n` });
    expect(piped.stdout).toContain(addressOf('Alice'));
    const environment = { FORKLORE_MNEMONIC: DEVELOPMENT_MNEMONIC.toUpperCase(), FORKLORE_NETWORK: 'regtest' };
    expect((await forklore(['wallet', 'address'], { environment })).stdout).toContain(addressOf('Alice', 'rlore'));
  });

  it.each([
    [[], 'no mnemonic: give --mnemonic-file FILE, --mnemonic-stdin or FORKLORE_MNEMONIC'],
    [['--mnemonic-stdin'], '--mnemonic-stdin needs the words from a pipe or a file: … < FILE'],
    [
      ['--mnemonic-stdin', '--mnemonic-file', 'x'],
      '--mnemonic-file and --mnemonic-stdin exclude each other: give one of them',
    ],
    [['--mnemonic-file', '/nowhere'], '--mnemonic-file: cannot read /nowhere (no such file or folder)'],
    [['--account', '-1'], '--account must be a whole number from 0 to 2147483647, not "-1"'],
    [['--count', '0'], '--count must be a whole number from 1 to 1000, not "0"'],
  ])('refuses %j', async (flags, message) => {
    expect(await forklore(['wallet', 'address', ...flags])).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: ${message}\n`,
    });
  });
});

describe('forklore wallet import', () => {
  it('checks words whatever their case and spaces, and keeps them as they should be', async () => {
    const out = join(folder, 'kept.words');
    const input = `  ${ZERO_MNEMONIC.toUpperCase().replaceAll(' ', '\n ')}\n`;
    const { code, stdout } = await forklore(['wallet', 'import', '--out', out], { input });
    expect(code).toBe(0);
    expect(stdout).toContain(`kept in  ${out}`);
    expect(readFileSync(out, 'utf8')).toBe(`${ZERO_MNEMONIC}\n`);
  });

  it('reads a file, shows the address, and writes nothing unless told to', async () => {
    const { code, stdout } = await forklore(['wallet', 'import', wordsFile(DEVELOPMENT_MNEMONIC)]);
    expect(code).toBe(0);
    expect(stdout).toContain(addressOf('Alice'));
    expect(stdout).not.toContain('junk');
  });

  it.each([
    ['abandn about', ': word 1, "abandn", is not in the BIP 39 English list; did you mean "abandon"?'],
    ['abandon xyzzy', ': word 2, "xyzzy", is not in the BIP 39 English list'],
    ['abandon about', ': has 2 words; a mnemonic has 12, 15, 18, 21 or 24'],
    ['abandon '.repeat(12), ': every word is known, but the checksum is wrong: a word is another or in another place'],
    ['  \n', ': holds no words'],
  ])('names what is wrong with "%s"', async (text, problem) => {
    const out = join(folder, 'kept.words');
    expect(await forklore(['wallet', 'import', '-', '--out', out], { input: text })).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: standard input${problem}\n`,
    });
    expect(existsSync(out)).toBe(false);
  });

  it('asks for a file rather than waiting at a terminal', async () => {
    const { code, stderr } = await forklore(['wallet', 'import']);
    expect(code).toBe(2);
    expect(stderr).toBe('error: FILE is missing: name the file with the words, or pipe them in: … < FILE\n');
  });

  it('does not read without end', async () => {
    const { code, stderr } = await forklore(['wallet', 'import'], { input: 'abandon '.repeat(1_000) });
    expect(code).toBe(2);
    expect(stderr).toBe('error: standard input is too long to be a mnemonic\n');
  });
});
