import type { Locator, Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { formatAddress } from '../../consensus/address.ts';
import { LAB, REGTEST } from '../../consensus/networks.ts';
import { MAX_MEMO_BYTES } from '../../consensus/transaction.ts';
import { startDashboard, startLoneNode, untilCount, untilText, visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';
import type { NodeProcess } from '../../testing/processes.ts';

const SOMEBODY = 'ab'.repeat(20);
const HERE = formatAddress(SOMEBODY, REGTEST.addressPrefix);
const ELSEWHERE = formatAddress(SOMEBODY, LAB.addressPrefix);
const PASSPHRASE = 'correct horse battery';
/** Known to everybody: from the test vectors of BIP 39. */
const IMPORTED = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

const MINE = 'mutation { mine { __typename } }';

let node: NodeProcess;
let url: string;
beforeEach(async () => {
  node = await startLoneNode();
  url = await startDashboard([node.url]);
});
cleanUp('of each test');

const field = (page: Page, label: string): Locator => page.getByLabel(label, { exact: true });

/** What stands below a field: what is wrong with it, or a hint. */
async function noteOf(page: Page, label: string): Promise<Locator> {
  const id = await field(page, label).getAttribute('id');
  return page.locator(`#${id}-note`);
}

const sendButton = (page: Page): Locator => page.getByRole('button', { name: 'Sign and send' });

/** Replaces the text of a field, and waits until the note below it says this. */
async function typed(page: Page, label: string, text: string, note: string | RegExp): Promise<void> {
  await field(page, label).fill('');
  await field(page, label).pressSequentially(text);
  await untilText(await noteOf(page, label), note);
}

/** Sends by the form, and waits until the node has it. */
async function send(page: Page, from: string, to: string, amount: string): Promise<void> {
  const list = page.getByRole('region', { name: 'Sent from this page' });
  const before = await list.getByRole('list').count();
  await field(page, 'From').selectOption({ label: from });
  await field(page, 'To').fill(to);
  await field(page, 'Amount').fill(amount);
  await sendButton(page).click();
  await untilCount(list.getByRole('list'), before + 1);
  await list.getByRole('listitem').filter({ hasText: 'pending' }).first().waitFor();
}

const balanceOf = async (account: string): Promise<string> =>
  (await node.api.query('query ($account: String!) { account(address: $account) { balance } }', { account })).account
    .balance;

/** All values that the browser keeps, taken apart as far as they are JSON. */
async function keptValues(page: Page): Promise<string[]> {
  const kept = await page.evaluate(async () => [
    ...Object.values<string>({ ...localStorage }),
    ...Object.values<string>({ ...sessionStorage }),
    document.cookie,
    ...(await indexedDB.databases()).map(({ name }) => name ?? ''),
  ]);
  const leaves = (value: unknown): string[] =>
    typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [String(value)];
  return kept.flatMap((text) => {
    try {
      return leaves(JSON.parse(text));
    } catch {
      return [text];
    }
  });
}

/** Whether a text holds the words in any way that comes to mind. */
function tells(text: string, words: readonly string[]): boolean {
  const phrase = words.join(' ');
  const forms = [
    ...words.slice(1).map((word, index) => `${words[index]} ${word}`),
    Buffer.from(phrase).toString('hex').slice(0, 40),
    Buffer.from(phrase).toString('base64').slice(0, 40),
    encodeURIComponent(phrase),
    JSON.stringify(words).slice(1, -1),
  ];
  return forms.some((form) => text.includes(form));
}

describe('the form to send with', () => {
  it('says what is wrong as one types, and sends nothing until all is right', async () => {
    const { page } = await visit(`${url}/send`);
    const button = sendButton(page);
    const status = page.getByText('Fill in recipient and amount.');
    await status.waitFor();
    expect(await button.isDisabled()).toBe(true);
    await untilText(await noteOf(page, 'From'), '1,000 coins to spend');

    await typed(page, 'Amount', '10', '');
    await typed(page, 'To', 'Bobby', 'not an address: those start with rlore1');
    await typed(page, 'To', ELSEWHERE, 'of another network: here they start with rlore1');
    await typed(page, 'To', `${HERE.slice(0, -1)}${HERE.endsWith('q') ? 'p' : 'q'}`, /mistyped: its checksum is wrong/);
    await typed(page, 'To', `${HERE.slice(0, 1)}${HERE.slice(1).toUpperCase()}`, 'mixes upper and lower case');
    expect(await field(page, 'To').getAttribute('aria-invalid')).toBe('true');
    expect(await button.isDisabled()).toBe(true);
    await typed(page, 'To', 'bob', /^\s*rlore1/);
    expect(await field(page, 'To').getAttribute('aria-invalid')).toBe('false');
    await page.getByText('Ready.').waitFor();
    expect(await button.isEnabled()).toBe(true);

    const amounts = [
      ['ten', 'not a number such as 10 or 0.5'],
      ['-1', 'must not be negative'],
      ['0.123456789', 'at most 8 decimals'],
      ['1001', 'with the fee, more than there is to spend'],
      ['1000', 'with the fee, more than there is to spend'],
      ['99999999999999', 'more than can ever exist'],
      ['007', 'has leading zeros'],
    ] as const;
    for (const [amount, problem] of amounts) {
      await typed(page, 'Amount', amount, problem);
      await page.getByText('Correct what is marked.').waitFor();
      expect(await button.isDisabled()).toBe(true);
    }
    await typed(page, 'Amount', '999', '');
    expect(await button.isEnabled()).toBe(true);

    await typed(page, 'Fee', '0.00000001', /^\s*at least 0\.\d+ for its size/);
    expect(await button.isDisabled()).toBe(true);
    await typed(page, 'Fee', '2', 'Empty: the usual one');
    await untilText(await noteOf(page, 'Amount'), 'with the fee, more than there is to spend');
    await field(page, 'Fee').fill('');
    await untilText(await noteOf(page, 'Amount'), '');

    // Bytes count, not letters: each of these takes three.
    const letters = Math.floor(MAX_MEMO_BYTES / 3);
    await typed(page, 'Memo', '가'.repeat(letters + 1), `${3 * letters + 3} bytes, at most ${MAX_MEMO_BYTES}`);
    expect(await button.isDisabled()).toBe(true);
    await page.keyboard.press('Enter');
    await typed(page, 'Memo', '가', `3 of ${MAX_MEMO_BYTES} bytes; everybody can read it`);
    await field(page, 'Amount').fill('10');
    // What is about to be signed is said before it is: all that goes, the fee, and for which network.
    const tail = REGTEST.genesis.hash.slice(-6);
    await page
      .getByText(`Ready. 10.00001 coins go, 0.00001 of them to the miner. Signed for the network regtest …${tail}.`)
      .waitFor();
    expect((await node.api.query('{ mempool { size } }')).mempool.size).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByText('pending', { exact: true }).waitFor();
    expect((await node.api.query('{ mempool { size } }')).mempool.size).toBe(1);
    // Empty for the next one, with less to spend.
    expect(await field(page, 'Amount').inputValue()).toBe('');
    await untilText(await noteOf(page, 'From'), /^\s*989\.9\d+ coins to spend/);
  });

  it('lets a nonce wait for those before it, and replaces a pending transfer for a higher fee', async () => {
    const { page } = await visit(`${url}/send`);
    await untilText(await noteOf(page, 'From'), '1,000 coins to spend');
    const sentOnes = page.getByRole('region', { name: 'Sent from this page' });
    const fillIn = async (nonce: string): Promise<void> => {
      await field(page, 'To').fill('Bob');
      await field(page, 'Amount').fill('5');
      await field(page, 'Account nonce').fill(nonce);
    };
    await page.getByText('Nonce and replacement').click();
    await untilText(await noteOf(page, 'Account nonce'), /^\s*Empty: the next one, 0\./);
    await typed(page, 'Account nonce', '80', 'further ahead than nodes keep');
    await typed(page, 'Account nonce', 'x', 'not a whole number');

    // Ahead of what there is, it says what it waits for: in the form, once sent, and wherever it is listed.
    await fillIn('2');
    await untilText(await noteOf(page, 'Account nonce'), /It will be queued: nonce 0 is missing/);
    await sendButton(page).click();
    await sentOnes
      .getByRole('listitem')
      .filter({ hasText: /queued\s+nonce 0 is missing/ })
      .waitFor();
    const queued = page.getByText('nonce 0 is missing');
    for (const path of ['/mempool', '/account/Alice', '/account/Bob']) {
      await page.goto(`${url}${path}`);
      await page.getByRole('row').filter({ has: queued }).waitFor();
    }
    await page.getByRole('row').filter({ has: queued }).getByRole('link').first().click();
    await page.getByRole('heading', { name: 'Transfer' }).waitFor();
    await page.getByRole('main').getByText('nonce 0 is missing').first().waitFor();

    // A pending one is replaced, for a tenth more.
    await page.goto(`${url}/send`);
    await page.getByText('Nonce and replacement').click();
    await fillIn('0');
    await sendButton(page).click();
    await sentOnes.getByRole('listitem').filter({ hasText: 'pending' }).waitFor();
    const [{ node: old }] = (
      await node.api.query('{ mempool { transactions(first: 1) { edges { node { id fee } } } } }')
    ).mempool.transactions.edges;
    await page.getByRole('button', { name: 'Replace: nonce 0' }).click();
    await untilText(
      await noteOf(page, 'Account nonce'),
      /^\s*Replaces the pending transfer .* 10 % more than its 0\.\d+/,
    );
    await field(page, 'To').fill('Carol');
    await field(page, 'Amount').fill('6');
    await typed(page, 'Fee', old.fee, /^\s*at least 0\.\d+, 10 % more than the fee/);
    expect(await sendButton(page).isDisabled()).toBe(true);
    await field(page, 'Fee').fill('');
    await page.getByText('Ready to replace the pending one.').waitFor();
    await sendButton(page).click();
    await untilCount(sentOnes.getByRole('list'), 2);
    const replaced = sentOnes.getByRole('listitem').filter({ hasText: 'dropped' });
    await replaced.getByText('replaced by').waitFor();
    const successor = replaced.getByRole('link');
    const href = (await successor.getAttribute('href')) ?? '';

    // The link is there in the language of the page, too.
    await page.goto(`${url}/tx/${old.id}`);
    await page.getByRole('combobox', { name: 'Language' }).selectOption('한국어');
    const told = page.getByRole('main').locator('p').filter({ hasText: '다음 거래로 대체됨:' });
    await told.locator(`a[href="${href}"]`).click();
    await page.waitForURL(`**${href.slice(1)}`);
  });

  it('is filled in by the links of an account', async () => {
    const { page } = await visit(`${url}/account/Carol`);
    await page.getByRole('link', { name: 'Send from it' }).click();
    await page.waitForFunction(() => document.querySelector<HTMLSelectElement>('#send-from')?.value === 'Carol');
    await page.goto(`${url}/account/${HERE}`);
    await page.getByRole('link', { name: 'Send to it' }).click();
    await page.waitForFunction((to) => document.querySelector<HTMLInputElement>('#send-to')?.value === to, HERE);
  });
});

describe('the wallet of the browser', () => {
  it('is made, locked, unlocked and spent from, and its words never leave the page', async () => {
    const visited = await visit(`${url}/send`);
    const { page, sent } = visited;
    await page.getByRole('button', { name: 'Make a wallet' }).click();
    const shown = page.locator('ol[translate="no"]').getByRole('listitem').locator('.mono');
    await untilCount(shown, 12);
    const words = (await shown.allTextContents()).map((word) => word.trim());
    for (const word of words) expect(word).toMatch(/^[a-z]{3,8}$/);

    const keep = page.getByRole('button', { name: 'Keep it here' });
    expect(await keep.isDisabled()).toBe(true);
    await field(page, 'Passphrase for this browser').pressSequentially('short');
    await page.getByLabel('I have written them down').check();
    expect(await keep.isDisabled()).toBe(true);
    await field(page, 'Passphrase for this browser').fill(PASSPHRASE);
    expect(await keep.isEnabled()).toBe(true);
    await page.getByLabel('I have written them down').uncheck();
    expect(await keep.isDisabled()).toBe(true);
    await page.getByLabel('I have written them down').check();
    await keep.click();
    await page.getByText('Unlocked until the page is closed.').waitFor();
    await shown.first().waitFor({ state: 'detached' });
    const address = (await page.locator(`a[href^="./account/${REGTEST.addressPrefix}1"]`).getAttribute('title')) ?? '';

    // It receives, and spends.
    await send(page, 'Alice', address, '25');
    await node.api.query(MINE);
    await page.getByText('confirmed').first().waitFor();
    expect(await balanceOf(address)).toBe('25');
    await field(page, 'From').selectOption({ label: 'My wallet' });
    await untilText(await noteOf(page, 'From'), '25 coins to spend');
    await send(page, 'My wallet', 'Bob', '5');

    // Opened again, it is locked until the passphrase is given.
    await page.reload();
    await field(page, 'From').selectOption({ label: 'My wallet' });
    await field(page, 'To').fill('Bob');
    await field(page, 'Amount').fill('6');
    await page.getByText('The wallet is locked; unlock it below.').waitFor();
    expect(await sendButton(page).isDisabled()).toBe(true);
    await field(page, 'Passphrase').fill('another horse battery');
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('Wrong passphrase.').waitFor();
    expect(await sendButton(page).isDisabled()).toBe(true);
    await field(page, 'Passphrase').fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('Ready.').waitFor();
    await sendButton(page).click();
    await page.getByText('pending', { exact: true }).waitFor();
    await node.api.query(MINE);
    expect(await balanceOf('Bob')).toBe('1011');
    expect(Number(await balanceOf(address))).toBeLessThan(14);

    // Locked by hand.
    await page.getByRole('button', { name: 'Lock', exact: true }).click();
    await page.getByRole('button', { name: 'Unlock' }).waitFor();

    const values = await keptValues(page);
    expect(values.length).toBeGreaterThan(5);
    const clear = new Set(values.flatMap((value) => value.split(/[^a-z]+/)));
    expect(words.filter((word) => clear.has(word))).toEqual([]);
    expect(sent.join('\n')).toContain('submitTransaction');
    expect([...values, ...sent].filter((text) => tells(text, words))).toEqual([]);
    for (const text of [...values, ...sent]) expect(text).not.toContain(PASSPHRASE);
  });

  it('is taken up from its words, which are checked, and forgotten on demand', async () => {
    const { page, sent } = await visit(`${url}/send`);
    await page.getByRole('button', { name: 'Import recovery words' }).click();
    await typed(page, 'Words', 'legal winnar', 'word 2, “winnar”, is not in the list; did you mean “winner”?');
    await typed(page, 'Words', 'legal winner', '2 words; there must be 12, 15, 18, 21 or 24');
    await typed(page, 'Words', IMPORTED.replace('yellow', 'year'), /^\s*the checksum is wrong/);
    await field(page, 'Words').fill(IMPORTED);
    await field(page, 'Passphrase for this browser').fill(PASSPHRASE);
    await page.getByRole('button', { name: 'Keep it here' }).click();
    await page.getByText('Unlocked until the page is closed.').waitFor();
    expect([...(await keptValues(page)), ...sent].filter((text) => tells(text, IMPORTED.split(' ')))).toEqual([]);

    await page.getByRole('button', { name: 'Forget this wallet…' }).click();
    await page.getByText('Without its words it is lost.').waitFor();
    await page.getByRole('button', { name: 'Forget it' }).click();
    await page.getByRole('button', { name: 'Make a wallet' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Make a wallet' }).waitFor();
    await untilCount(field(page, 'From').getByRole('option', { name: 'My wallet' }), 0);
  });
});
