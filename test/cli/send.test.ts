import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from '../../consensus/address.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { bytesToUtf8, hexToBytes } from '../../consensus/hex.ts';
import { deriveKeyPair } from '../../consensus/keys.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { signatureCheckOf, verifySignature } from '../../consensus/signature.ts';
import { decodeTransaction, type Transfer } from '../../consensus/transaction.ts';
import { forklore, type Resolvers, type StubNode, startStubNode, stubTransaction } from './stub-node.ts';

const MNEMONIC = `${'abandon '.repeat(11)}about`;
const OWN_KEY = deriveKeyPair(MNEMONIC, 3);
const OWN_ADDRESS = formatAddress(OWN_KEY.address, 'lore');
const ALICE = developmentAccountByName('Alice')?.address ?? '';
const BOB = developmentAccountByName('Bob')?.address ?? '';

const LAB_INFO = { network: 'lab', genesisHash: LAB.genesis.hash, addressPrefix: 'lore' };

let node: StubNode | undefined;
let folder: string;
let submitted: Transfer[];
beforeEach(() => {
  submitted = [];
  folder = mkdtempSync(join(tmpdir(), 'forklore-send-'));
});
afterEach(async () => {
  await node?.close();
  node = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function accountOf({ address }: { address: string }) {
  return {
    address: formatAddress(developmentAccountByName(address)?.address ?? parseAddress(address, 'lore'), 'lore'),
    pendingNonce: '18446744073709551615',
  };
}

/** A node of `lab` that takes everything, unless `overrides` say otherwise. */
function lab(overrides: { query?: object; submit?: () => unknown; updates?: readonly object[] } = {}): Resolvers {
  return {
    Query: {
      nodeInfo: () => LAB_INFO,
      account: (_: unknown, args: { address: string }) => accountOf(args),
      mempool: () => ({ minimumFeeRate: '0.00001' }),
      miner: () => ({ mode: 'OFF' }),
      ...overrides.query,
    },
    Mutation: {
      submitTransaction: (_: unknown, { raw }: { raw: string }) => {
        const transfer = decodeTransaction(hexToBytes(raw)) as Transfer;
        submitted.push(transfer);
        const accepted = { __typename: 'TransactionAccepted', transaction: stubTransaction({ id: transfer.txid }) };
        return overrides.submit?.() ?? accepted;
      },
    },
    Subscription: {
      transactionStatus: {
        subscribe: async function* (_: unknown, { id }: { id: string }) {
          for (const update of overrides.updates ?? []) yield { transactionStatus: stubTransaction({ id, ...update }) };
        },
      },
    },
  };
}

async function send(args: readonly string[], resolvers: Resolvers = lab(), environment: Record<string, string> = {}) {
  node = await startStubNode(resolvers);
  return await forklore(['send', ...args, '--node', node.url], { environment });
}

describe('forklore send', () => {
  it('signs on this machine, prints the id, and beside it what was sent, for which fee, and where', async () => {
    const result = await send(['Alice', 'Bob', '10']);
    const [transfer] = submitted;
    const to = formatAddress(BOB, 'lore');
    const order = `sending 10 to ${to}, fee 0.00001, on lab (genesis 00000340…f0d2ab79)\nwaits for a block\n`;
    expect(result).toEqual({ code: 0, stdout: `${transfer?.txid}\n`, stderr: order });
    expect(transfer).toMatchObject({
      networkId: LAB.networkId,
      sender: ALICE,
      recipient: BOB,
      amount: 1_000_000_000n,
      nonce: 18_446_744_073_709_551_615n,
      fee: 1_000n,
    });
    expect(transfer && verifySignature(signatureCheckOf(transfer))).toBe(true);
  });

  it('takes fee, memo and account nonce as given', async () => {
    await send(['Alice', OWN_ADDRESS, '0.00000001', '--fee', '0.5', '--memo', 'für dich', '--nonce', '7']);
    const [transfer] = submitted;
    expect(transfer).toMatchObject({ recipient: OWN_KEY.address, amount: 1n, fee: 50_000_000n, nonce: 7n });
    expect(bytesToUtf8(transfer?.memo ?? new Uint8Array())).toBe('für dich');
  });

  it('pays what the node demands for the size, rounded up', async () => {
    await send(
      ['Alice', 'Bob', '1', '--memo', 'abc'],
      lab({ query: { mempool: () => ({ minimumFeeRate: '0.00012001' }) } }),
    );
    expect(submitted[0]?.fee).toBe((150n * 12_001n + 999n) / 1_000n);
  });

  it('spends from a mnemonic of a file, of the environment, or of a pipe', async () => {
    const path = join(folder, 'words');
    writeFileSync(path, `${MNEMONIC}\n`);
    const account = ['--account', '3'];
    node = await startStubNode(lab());
    const args = ['send', OWN_ADDRESS, 'Bob', '1', ...account, '--node', node.url];
    expect((await forklore([...args, '--mnemonic-file', path])).code).toBe(0);
    expect((await forklore(args, { environment: { FORKLORE_MNEMONIC: MNEMONIC } })).code).toBe(0);
    expect((await forklore([...args, '--mnemonic-stdin'], { input: MNEMONIC })).code).toBe(0);
    expect(submitted.map(({ sender }) => sender)).toEqual(Array(3).fill(OWN_KEY.address));
  });

  it('takes the address of a development account for its name, whatever mnemonic the environment holds', async () => {
    const alice = formatAddress(ALICE, 'lore');
    expect((await send([alice, 'Bob', '1'])).code).toBe(0);
    await node?.close();
    expect((await send([alice, 'Bob', '1'], lab(), { FORKLORE_MNEMONIC: MNEMONIC })).code).toBe(0);
    expect(submitted.map(({ sender }) => sender)).toEqual([ALICE, ALICE]);
    expect(submitted.every((transfer) => verifySignature(signatureCheckOf(transfer)))).toBe(true);
  });

  it('prints plain data with --json', async () => {
    const { stdout } = await send(['Alice', 'Bob', '10', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      id: submitted[0]?.txid,
      network: 'lab',
      genesisHash: LAB.genesis.hash,
      from: formatAddress(ALICE, 'lore'),
      to: formatAddress(BOB, 'lore'),
      amount: '10',
      fee: '0.00001',
      nonce: '18446744073709551615',
      status: 'PENDING',
    });
  });

  it('hands on why the node refuses', async () => {
    const submit = () => ({
      __typename: 'TransactionRejected',
      code: 'insufficient-balance',
      message: 'has 5, needs 10',
    });
    const { code, stdout, stderr } = await send(['Alice', 'Bob', '10'], lab({ submit }));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: the node refuses the transaction: has 5, needs 10 \(insufficient-balance\)$/m);
  });

  it('signs nothing when the node takes an address for another account', async () => {
    const account = () => ({ address: OWN_ADDRESS, pendingNonce: '0' });
    const { code, stderr } = await send(['Alice', 'Bob', '10'], lab({ query: { account } }));
    expect(code).toBe(1);
    const alice = formatAddress(ALICE, 'lore');
    expect(stderr).toBe(`error: the node takes ${alice} for another account, ${OWN_ADDRESS}; nothing was sent\n`);
    expect(submitted).toEqual([]);
  });
});

describe('forklore send signs nothing that a node only claims', () => {
  const info = (values: object) => lab({ query: { nodeInfo: () => ({ ...LAB_INFO, ...values }) } });
  const dear = lab({ query: { mempool: () => ({ minimumFeeRate: '4000' }) } });
  const carol = formatAddress(developmentAccountByName('Carol')?.address ?? '', 'lore');
  const onRegtest = { network: 'regtest', genesisHash: REGTEST.genesis.hash, addressPrefix: 'rlore' };

  it.each([
    [
      'a fee of 588 coins',
      ['Alice', 'Bob', '10'],
      dear,
      'the node demands a fee of 588, and more than 0.001 is not paid unless it is typed: see --fee; nothing was sent',
    ],
    [
      'another genesis block under the prefix of lab',
      ['Alice', carol, '10'],
      info({ network: 'mine', genesisHash: 'ab'.repeat(32) }),
      'the node says that addresses start with lore1, and its genesis block is not that of lab; nothing was sent',
    ],
    [
      'a genesis hash that is none',
      ['Alice', 'Bob', '10'],
      info({ genesisHash: 'AB'.repeat(32) }),
      `"${'AB'.repeat(32)}" is no hash of a genesis block; nothing was sent`,
    ],
    [
      'another network than the one that is pinned',
      ['Alice', 'Bob', '10', '--network', 'regtest'],
      lab(),
      'the node is of the network lab (genesis 00000340…f0d2ab79), not of regtest (genesis 2f2c372a…65938ee5); nothing was sent',
    ],
    [
      'a nonce that is none',
      ['Alice', 'Bob', '10'],
      lab({
        query: { account: (_: unknown, args: { address: string }) => ({ ...accountOf(args), pendingNonce: '-1' }) },
      }),
      'the node gives an account nonce that cannot be one (it must be a whole number from 0 to 18446744073709551615, not "-1"); nothing was sent',
    ],
  ])('%s', async (_, args, resolvers, message) => {
    const { code, stdout, stderr } = await send(args, resolvers);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(`error: ${message}\n`);
    expect(submitted).toEqual([]);
  });

  it('pays a fee above the limit where it was typed', async () => {
    expect((await send(['Alice', 'Bob', '10', '--fee', '588'], dear)).code).toBe(0);
    expect(submitted[0]?.fee).toBe(58_800_000_000n);
  });

  it('and nothing to the account of the same key in another network', async () => {
    const account = ({ address }: { address: string }) => ({
      address: formatAddress(developmentAccountByName(address)?.address ?? parseAddress(address, 'lore'), 'rlore'),
      pendingNonce: '0',
    });
    const query = { nodeInfo: () => onRegtest, account: (_: unknown, args: { address: string }) => account(args) };
    expect(await send(['Alice', carol, '10'], lab({ query }))).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: TO: ${carol} is of another network: in the node's, addresses start with rlore1\n`,
    });
    expect(submitted).toEqual([]);
  });

  it('signs for the network that is pinned by the environment', async () => {
    expect((await send(['Alice', 'Bob', '1'], lab(), { FORKLORE_NETWORK: 'lab' })).code).toBe(0);
    await node?.close();
    expect((await send(['Alice', 'Bob', '1'], lab(), { FORKLORE_NETWORK: 'regtest' })).code).toBe(1);
    expect(submitted).toHaveLength(1);
  });
});

describe('forklore send refuses before it asks the node', () => {
  const foreign = `${OWN_ADDRESS.slice(0, -1)}${OWN_ADDRESS.endsWith('q') ? 'p' : 'q'}`;

  it.each([
    [['Alice', 'Bob', '1e3'], 'AMOUNT "1e3": amount is not a decimal number such as 10 or 0.5'],
    [['Alice', 'Bob', '-1'], 'AMOUNT "-1": amount is negative'],
    [['Alice', 'Bob', '0.000000001'], 'AMOUNT "0.000000001": amount has more than 8 decimals'],
    [
      ['Alice', 'Bob', '9007199254740993'],
      'AMOUNT "9007199254740993": amount is above the largest, 184467440737.09551615',
    ],
    [['Alice', 'Bob', ''], 'AMOUNT "": amount is empty'],
    [['Alice', 'Bob', '1', '--fee', '1.'], '--fee "1.": amount is not a decimal number such as 10 or 0.5'],
    [['Alice', 'Bob', '1', '--nonce', '-1'], '--nonce must be a whole number from 0 to 18446744073709551615, not "-1"'],
    [
      ['Alice', 'Bob', '1', '--nonce', '18446744073709551616'],
      '--nonce must be a whole number from 0 to 18446744073709551615, not "18446744073709551616"',
    ],
    [['Alice', 'Bob', '1', '--memo', '가'.repeat(86)], '--memo has 258 bytes of UTF-8; at most 256 are allowed'],
    [['Alice', 'Zed', '1'], 'TO must be an address or a development account\'s name, not "Zed"'],
    [['Alice', foreign, '1'], `TO "${foreign}": address has a wrong checksum: probably a typo`],
    [['Zed', 'Bob', '1'], 'FROM must be an address or a development account\'s name, not "Zed"'],
    [
      ['Alice', 'Bob', '1', '--account', '1'],
      "FROM Alice is a development account and takes no mnemonic; give the mnemonic's address",
    ],
    [
      [OWN_ADDRESS, 'Bob', '1'],
      'FROM is an address: give its mnemonic by --mnemonic-file FILE, --mnemonic-stdin or FORKLORE_MNEMONIC',
    ],
  ])('%j', async (args, message) => {
    expect(await forklore(['send', ...args])).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n` });
  });

  it('an address that is not the key of the mnemonic', async () => {
    const actual = formatAddress(deriveKeyPair(MNEMONIC, 0).address, 'lore');
    const environment = { FORKLORE_MNEMONIC: MNEMONIC };
    expect(await forklore(['send', OWN_ADDRESS, 'Bob', '1'], { environment })).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: FROM is not account 0 of the mnemonic, which is ${actual}; see --account\n`,
    });
  });
});

describe('forklore send --wait', () => {
  const block = { hash: 'ab'.repeat(32), height: 8 };

  it('returns when the transaction is confirmed', async () => {
    const updates = [{ status: 'PENDING' }, { status: 'CONFIRMED', block }];
    const { code, stdout } = await send(['Alice', 'Bob', '10', '--wait'], lab({ updates }));
    expect(code).toBe(0);
    expect(stdout).toBe(`${submitted[0]?.txid}\nconfirmed in block ${block.hash} at height 8\n`);
  });

  it('prints one piece of data with --json', async () => {
    const updates = [{ status: 'CONFIRMED', block }];
    const { stdout } = await send(['Alice', 'Bob', '10', '--wait', '--json'], lab({ updates }));
    expect(JSON.parse(stdout)).toMatchObject({ id: submitted[0]?.txid, status: 'CONFIRMED', block });
  });

  it('fails when the transaction is dropped', async () => {
    const updates = [{ status: 'PENDING' }, { status: 'DROPPED', statusReason: 'replaced' }];
    const { code, stdout, stderr } = await send(['Alice', 'Bob', '10', '--wait'], lab({ updates }));
    expect({ code, stdout }).toEqual({ code: 1, stdout: `${submitted[0]?.txid}\n` });
    expect(stderr).toContain('error: the transaction was dropped: replaced\n');
  });

  it('fails when the node stops watching', async () => {
    const { code, stderr } = await send(['Alice', 'Bob', '10', '--wait'], lab({ updates: [{ status: 'PENDING' }] }));
    expect(code).toBe(1);
    expect(stderr).toContain(
      `error: the node stopped watching the transaction; ask again with: npx forklore tx ${submitted[0]?.txid}\n`,
    );
  });

  it('fails when the node goes away', async () => {
    const resolvers = lab();
    const subscribe = async function* () {
      yield { transactionStatus: stubTransaction() };
      await node?.close();
    };
    const { code, stderr } = await send(['Alice', 'Bob', '10', '--wait'], {
      ...resolvers,
      Subscription: { transactionStatus: { subscribe } },
    } as Resolvers);
    expect(code).toBe(1);
    expect(stderr).toContain(`error: the connection to ${node?.url} was lost (the node is gone)\n`);
  });
});
