import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launch, startLoneNode } from '../../testing/browser.ts';
import { eventually } from '../../testing/eventually.ts';
import { killPrograms, type NodeProcess } from '../../testing/processes.ts';
import { UnguardedNode } from '../../testing/unguarded-node.ts';
import { type Attempt, attemptAll } from './web-attempts.ts';

/** A name of the attacker's, which leads to this machine. */
const EVIL = 'evil.example';
/** An attempt that nothing came of by then has failed; each ends by itself long before. */
const ATTEMPT_LIMIT_MS = 20_000;
/** Attempts that a node refuses with a line in its log, the blind beacon among them; it refuses peers without one. */
const REFUSED = 22;
/** Of these, two ask for a page without saying from where, as a link does: they are given the playground, unseen. */
const GIVEN_THE_PLAYGROUND = 2;
const ACCEPTED = '"__typename":"TransactionAccepted"';
const STATE = `{
  tip { hash } mempool { size } peers { id } miner { mode threads address } account(address: "Alice") { nonce pendingNonce }
}`;
const PAGE = '<!doctype html><title>win a prize</title><body></body>';
/** A frame of a sandbox belongs to no website: its requests say `Origin: null`. */
const SANDBOX = '<!doctype html><body><iframe sandbox="allow-scripts allow-forms" src="/page"></iframe></body>';

let browser: Browser;
let website: Server;
let websitePort: number;
let node: NodeProcess;
let before: unknown;

beforeAll(async () => {
  browser = await launch([
    `--host-resolver-rules=MAP ${EVIL} 127.0.0.1`,
    // Some browsers keep pages from the addresses of their own machine; the node cannot count on that.
    '--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests',
  ]);
  website = createServer((request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(request.url === '/sandbox' ? SANDBOX : PAGE);
  });
  await new Promise<void>((resolve) => website.listen(0, '127.0.0.1', resolve));
  websitePort = (website.address() as AddressInfo).port;
});

beforeEach(async () => {
  node = await startLoneNode();
  await node.api.query('mutation { mine(count: 2) { __typename } }');
  before = await node.api.query(STATE);
  return async () => {
    await killPrograms();
  };
});

afterAll(async () => {
  await browser.close();
  website.closeAllConnections();
  website.close();
});

/** A page of a website, in a browser that knows nothing of others. */
async function open(url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  return page;
}

const attempt = (where: Page | Frame, target: string): Promise<Attempt[]> =>
  where.evaluate(attemptAll, { target, limitMs: ATTEMPT_LIMIT_MS });

const readBy = (attempts: readonly Attempt[]) => attempts.filter(({ read }) => read !== null);

const refusals = () => node.program.stderr.split('request refused').length - 1;

/** All of it reached the node, was refused, and changed nothing. */
async function expectUnmoved(refused: number): Promise<void> {
  await eventually(() => expect(refusals()).toBe(refused));
  expect(await node.api.query(STATE)).toEqual(before);
}

describe('a page of a foreign website', () => {
  it('can do all this to a node that has no guard', async () => {
    const unguarded = new UnguardedNode();
    const target = await unguarded.listen();
    const attempts = await attempt(await open(`http://${EVIL}:${websitePort}/`), target);
    const names = attempts.map(({ name }) => name);
    const mutations = names.filter((name) => !['events', 'metrics', 'timeout'].includes(name));
    await eventually(() => expect([...unguarded.carriedOut].sort()).toEqual([...mutations, 'beacon'].sort()));
    expect(readBy(attempts).map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'fetch-json',
        'fetch-text',
        'fetch-multipart',
        'events',
        'socket',
        'peer-socket',
        'metrics',
      ]),
    );
    unguarded.close();
  });

  it('neither changes nor reads anything of a node', async () => {
    const attempts = await attempt(await open(`http://${EVIL}:${websitePort}/`), node.url);
    expect(attempts.map(({ name }) => name)).not.toContain('timeout');
    expect(readBy(attempts)).toEqual([]);
    await expectUnmoved(REFUSED - GIVEN_THE_PLAYGROUND);
  });

  it('neither changes nor reads anything out of a sandboxed frame', async () => {
    const page = await open(`http://${EVIL}:${websitePort}/sandbox`);
    const frame = page.frame({ url: /\/page$/ });
    if (!frame) throw new Error('the page has no frame');
    expect(await frame.evaluate(() => self.origin)).toBe('null');
    const attempts = await attempt(frame, node.url);
    expect(attempts.map(({ name }) => name)).not.toContain('timeout');
    expect(readBy(attempts)).toEqual([]);
    await expectUnmoved(REFUSED - GIVEN_THE_PLAYGROUND);
  });

  it("neither changes nor reads anything when its name is rebound to the node's address", async () => {
    const { port } = new URL(node.url);
    const rebound = `http://${EVIL}:${port}`;
    const page = await (await browser.newContext()).newPage();
    // The first answer still comes from the attacker's address; all that follow are the node's, of the same origin.
    await page.route(`${rebound}/`, (route) => route.fulfill({ contentType: 'text/html', body: PAGE }));
    await page.goto(`${rebound}/`);
    const attempts = await attempt(page, rebound);
    // Of the same origin, the page sees that it is refused, and why.
    for (const { read } of readBy(attempts)) expect(read).toContain(`host \\"${EVIL}:${port}\\" is not this node`);
    expect(readBy(attempts).map(({ name }) => name)).not.toContain('socket');
    expect(readBy(attempts).map(({ name }) => name)).not.toContain('events');
    await expectUnmoved(REFUSED);
    expect(await page.evaluate(async () => (await fetch('/metrics')).status)).toBe(403);
  });

  it('cannot show the playground in a frame', async () => {
    for (const origin of [`http://${EVIL}:${websitePort}`, `http://127.0.0.1:${websitePort}`]) {
      const page = await open(`${origin}/`);
      const shown = (url: string): Promise<string> =>
        page.evaluate(async (src) => {
          const frame = document.createElement('iframe');
          const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
          frame.src = src;
          document.body.replaceChildren(frame);
          await loaded;
          return src;
        }, url);
      // The page's `load` event may come before the test's side of the browser has heard where the frame went.
      const expectFrameAt = (url: string): Promise<void> =>
        eventually(() => expect(page.frames().map((frame) => frame.url())).toContain(url));
      await shown(`http://127.0.0.1:${websitePort}/page`);
      await expectFrameAt(`http://127.0.0.1:${websitePort}/page`);
      await shown(`${node.url}/graphql`);
      await expectFrameAt('chrome-error://chromewebdata/');
    }
    const page = await open(`${node.url}/graphql`);
    expect(await page.title()).toBe('Forklore GraphiQL');
  });
});

describe('a page of this machine, as the dashboard is', () => {
  it('reads and changes by JSON, socket and event stream, and by nothing else', async () => {
    const attempts = await attempt(await open(`http://127.0.0.1:${websitePort}/`), node.url);
    const read = new Map(attempts.map((each) => [each.name, each.read]));
    expect(read.get('fetch-json')).toContain(ACCEPTED);
    expect(read.get('socket')).toContain(ACCEPTED);
    expect(read.get('events')).toBe('open');
    expect(read.get('peer-socket')).toBeNull();
    expect(read.get('metrics')).toBeNull();
    const { mempool } = await node.api.query('{ mempool { transactions(first: 50) { edges { node { memo } } } } }');
    const memos = mempool.transactions.edges.map((edge: { node: { memo: string } }) => edge.node.memo);
    expect(memos.sort()).toEqual(['fetch-json', 'socket']);
  });

  it('is the only kind: another origin has to be allowed by name', async () => {
    const origin = `http://${EVIL}:${websitePort}`;
    const open_ = await startLoneNode('--allow-origin', origin);
    const attempts = await attempt(await open(`${origin}/`), open_.url);
    const accepted = attempts.filter(({ read }) => read?.includes(ACCEPTED)).map(({ name }) => name);
    expect(accepted.sort()).toEqual(['fetch-json', 'socket']);
  });
});
