import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectNode } from '../../client/node/main.ts';
import type { NodeClient } from '../../client/node-client.ts';
import { formatAddress } from '../../consensus/address.ts';
import { COIN } from '../../consensus/amount.ts';
import { developmentAccountByName } from '../../consensus/development-accounts.ts';
import { bytesToHex } from '../../consensus/hex.ts';
import { developmentKeyPair } from '../../consensus/keys.ts';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { type StubNode, startStubNode } from '../../testing/stub-node.ts';

const ALICE = developmentKeyPair(developmentAccountByName('Alice')!);
const BOB = developmentKeyPair(developmentAccountByName('Bob')!);
const SECRET = bytesToHex(ALICE.secretKey);
const MNEMONIC = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

describe('a client that is given an account', () => {
  let live: LiveNode;
  let node: NodeClient;
  let prefix: string;
  beforeAll(async () => {
    live = await startLiveNode();
    node = connectNode({ url: live.url });
    prefix = (await node.nodeInfo()).addressPrefix;
  });
  afterAll(() => live.stop());

  it('takes the address of an object, a key pair included, wherever it takes an address', async () => {
    const address = formatAddress(BOB.address, prefix);
    const shown = { name: 'Bob', address, secretKey: BOB.secretKey };
    for (const bob of [shown, BOB]) {
      expect(await node.account(bob)).toMatchObject({ address, name: 'Bob' });
      expect(await node.mine({ to: bob })).toMatchObject([{ miner: address }]);
      expect(await node.setMining({ mode: 'OFF', address: bob })).toMatchObject({ address });
      const { id } = await node.send({ from: ALICE, to: bob, amount: COIN });
      expect(await node.transaction(id)).toMatchObject({ recipient: address });
    }
  });

  it('sets times by a Date, and by text', async () => {
    await node.setTime('2030-01-01');
    expect((await node.setNextBlockTime('2030-01-01T02:00:00+01:00')).getTime()).toBeGreaterThanOrEqual(
      Date.UTC(2030, 0, 1, 1),
    );
    await node.mine();
    expect((await node.tip()).time).toBe('2030-01-01T01:00:00.000Z');
  });
});

// In plain JavaScript, where no compiler looks at arguments.
// biome-ignore lint/suspicious/noExplicitAny: what a program gives may be anything
type Untyped = Record<string, (...given: any[]) => Promise<unknown>>;

describe('a client that is given what cannot be meant', () => {
  let stub: StubNode;
  let node: Untyped;
  const asked: string[] = [];
  beforeAll(async () => {
    stub = await startStubNode({
      http: (body) => {
        asked.push(body);
        return { body: { data: {} } };
      },
    });
    node = connectNode({ url: stub.url }) as unknown as Untyped;
  });
  afterAll(() => stub.stop());

  const account = { from: 'Alice', to: 'Bob', amount: COIN };
  const anAccount = 'must be an address, the name of a development account, or an object with an address';
  const neither = 'must be an address or the name of a development account: what is given is neither';
  const count = 'a whole number from 0 to 2147483647';
  const aMoment = 'a Date, or ISO 8601 text such as "2030-01-01" or "2030-01-01T12:00:00Z"';
  it.each<[string, unknown[], string]>([
    ['account', [], `account ${anAccount}, not undefined`],
    ['account', [{ secretKey: ALICE.secretKey }], `account ${anAccount}, not an object`],
    ['account', [SECRET], `account ${neither}`],
    ['account', [`0x${SECRET}`], `account ${neither}`],
    ['account', [MNEMONIC], `account ${neither}`],
    ['account', [{ address: SECRET }], `account.address ${neither}`],
    ['mine', [3], 'mine takes an object, such as mine({ count: 3 }), not a number'],
    ['mine', [{ cuont: 3 }], 'mine: there is no option "cuont"; there are count, to, transactions, parent'],
    ['mine', [{ count: 1.5 }], 'mine: count must be a whole number from 1 to 2147483647'],
    ['mine', [{ to: SECRET }], `mine: to ${neither}`],
    ['mine', [{ transactions: ['00'] }], 'mine: transactions[0] must be 64 hex digits'],
    ['mine', [{}, { timeout: 5 }], 'options: there is no option "timeout"; there are timeoutMs, signal'],
    ['setMining', [{}], 'setMining: mode must be one of CONTINUOUS, INTERVAL, OFF, ON_TRANSACTION'],
    [
      'setMining',
      [{ mode: 'OFF', interval: 3 }],
      'setMining: there is no option "interval"; there are mode, threads, hashrateLimit, intervalSeconds, address',
    ],
    ['send', [{ ...account, from: undefined }], `send: from ${anAccount}, not undefined`],
    ['send', [{ ...account, to: undefined }], `send: to ${anAccount}, not undefined`],
    ['send', [{ ...account, from: SECRET }], `send: from ${neither}`],
    [
      'send',
      [{ ...account, from: { address: ALICE.address, secretKey: SECRET } }],
      'send: from.secretKey must be a Uint8Array of 32 bytes, as deriveKeyPair gives it',
    ],
    [
      'send',
      [{ ...account, value: COIN }],
      'send: there is no option "value"; there are from, to, amount, fee, memo, nonce, genesisHash',
    ],
    ['send', [{ ...account, memo: 'é'.repeat(129) }], 'memo must be a text of at most 256 bytes of UTF-8'],
    ['send', [{ ...account, nonce: 1 }], 'send: nonce must be a bigint from 0n to 18446744073709551615n'],
    ['setTime', ['tomorrow'], `setTime: at must be ${aMoment}`],
    ['setTime', [new Date(Number.NaN)], `setTime: at must be ${aMoment}, not an object`],
    ['setNextBlockTime', [1_893_456_000], `setNextBlockTime: at must be ${aMoment}`],
    ['increaseTime', [1.5], `increaseTime: seconds must be ${count}`],
    ['increaseTime', ['60'], `increaseTime: seconds must be ${count}`],
    ['revertToSnapshot', [], 'revertToSnapshot: id must be a string, not undefined'],
    ['dropSnapshot', [SECRET], 'dropSnapshot: id must not look like a key, and was not sent'],
    ['transaction', ['00'], 'transaction: id must be 64 hex digits'],
    ['block', [-1], `block: id must be ${count}`],
    ['block', ['00'], 'block: id must be 64 hex digits, or a height as a number'],
    ['submit', [SECRET], 'submit: raw must be a signed transaction as hex digits, two for each byte'],
    ['mempool', [{ first: 3 }], `mempool: first must be ${count}, not an object`],
    ['waitForHeight', [3, 5_000], 'options takes an object, such as { timeoutMs: 5000 }, not a number'],
    ['waitForTransaction', ['00'], 'waitForTransaction: id must be 64 hex digits'],
    ['tip', [{ signal: {} }], 'options: signal must be an AbortSignal, such as the signal of an AbortController'],
    [
      'tip',
      [{ timeoutMs: -1 }],
      'options: timeoutMs must be milliseconds from 0 to 2147483647, or Infinity for no limit, not -1',
    ],
    ['query', [{ tip: true }], 'query: document must be a string, not an object'],
  ])('says so, and neither sends nor shows it: %s %o', async (operation, given, message) => {
    const calling = Promise.resolve().then(() => node[operation]?.(...given));
    await expect(calling).rejects.toMatchObject({
      name: 'ClientError',
      kind: 'bad-argument',
      code: 'bad-argument',
      message,
    });
    expect(asked).toEqual([]);
  });

  it('rejects, and does not throw', async () => {
    const outcomes = ['account', 'block', 'transaction', 'setTime', 'revertToSnapshot', 'uploadSnapshot'].map(
      (operation) => node[operation]?.(),
    );
    for (const { status } of await Promise.allSettled(outcomes)) expect(status).toBe('rejected');
  });

  it.each([
    [
      'http://127.0.0.1:5000',
      `connectNode takes an object, such as connectNode({ url: 'http://127.0.0.1:5000' }), not a string`,
    ],
    [{}, 'connectNode: url must be a string, not undefined'],
  ])('is not made with such options: %o', (options, message) => {
    expect(() => connectNode(options as { url: string })).toThrow(message);
  });
});
