import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type ConsoleMessage,
  chromium,
  type Locator,
  type Page,
} from 'playwright-core';
import { browserProgram } from './browser-program.ts';
import { type NodeProcess, Program, startNode } from './processes.ts';

const LOOPBACK = '127.0.0.1';
const ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** How long a locator waits for what it is asked for: the machine may be busy. */
const WAIT_LIMIT_MS = 60_000;

/** What browsers write about a server that is not there, or goes away. */
const SERVER_IS_AWAY = /^WebSocket connection to '[^']+' failed|^Failed to load resource: net::ERR_/;

/** Makes what the content security policy forbids an error of the console, which fails the test. */
const REPORT_VIOLATIONS = `addEventListener('securitypolicyviolation', (event) => {
  console.error('content security policy: ' + event.violatedDirective + ' forbids ' + event.blockedURI);
});`;

let browser: Promise<Browser> | null = null;
const visits = new Set<Visit>();

/** One page in a context of its own, and all that it must not do. */
export class Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Bodies of all requests and messages of all sockets that left the page. */
  readonly sent: string[] = [];
  /** What went wrong so far. */
  readonly problems: string[] = [];
  readonly #away = new Set<string>();

  constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    context.on('request', (request) => {
      this.#checkHost(request.url());
      const body = request.postData();
      if (body !== null) this.sent.push(body);
    });
    page.on('websocket', (socket) => {
      this.#checkHost(socket.url());
      socket.on('framesent', ({ payload }) => this.sent.push(String(payload)));
    });
    page.on('pageerror', (error) => this.problems.push(`uncaught: ${error.stack ?? error.message}`));
    page.on('crash', () => this.problems.push('the page crashed'));
    page.on('console', (message) => this.#checkMessage(message));
  }

  /** From now on the node with this URL may be down: the browser's own messages about that are no problem. */
  allowAway(nodeUrl: string): void {
    this.#away.add(new URL(nodeUrl).host);
  }

  #checkHost(url: string): void {
    // Chromium takes some addresses that Node does not.
    const { protocol, hostname } = URL.parse(url) ?? { protocol: '', hostname: '' };
    if (protocol === 'data:' || protocol === 'blob:') return;
    if (hostname !== LOOPBACK) this.problems.push(`asked for ${url}`);
  }

  #checkMessage(message: ConsoleMessage): void {
    if (message.type() !== 'error') return;
    const about = `${message.text()} ${message.location().url}`;
    const isExpected = SERVER_IS_AWAY.test(message.text()) && [...this.#away].some((host) => about.includes(host));
    if (!isExpected) this.problems.push(`console: ${about}`);
  }
}

/**
 * Opens a page in a context of its own. The browser is started with the first one of a file.
 * @param options those of the context, and URLs of nodes that are down from the beginning
 */
export async function visit(
  url: string,
  { away = [], ...options }: BrowserContextOptions & { away?: readonly string[] } = {},
): Promise<Visit> {
  browser ??= launch();
  const context = await (await browser).newContext({
    // uPlot asks for number formats of the browser's language when it is loaded; this one's default is no valid tag.
    locale: 'en-US',
    viewport: { width: 1380, height: 900 },
    ...options,
  });
  context.setDefaultTimeout(WAIT_LIMIT_MS);
  await context.addInitScript(REPORT_VIOLATIONS);
  const opened = new Visit(context, await context.newPage());
  visits.add(opened);
  for (const nodeUrl of away) opened.allowAway(nodeUrl);
  await opened.page.goto(url);
  return opened;
}

/** Closes all pages, and throws where one of them did what it must not; for `afterEach`, before anything else. */
export async function leavePages(): Promise<void> {
  const left = [...visits];
  visits.clear();
  await Promise.all(left.map(({ context }) => context.close()));
  const problems = left.flatMap((each) => each.problems);
  if (problems.length > 0) throw new Error(`the page must not do this:\n${problems.join('\n')}`);
}

/** For `afterAll`. */
export async function closeBrowser(): Promise<void> {
  const launched = browser;
  browser = null;
  await (await launched)?.close();
}

/** Starts the dashboard's server. @returns its URL */
export async function startDashboard(nodeUrls: readonly string[]): Promise<string> {
  const flags = nodeUrls.flatMap((url) => ['--node', url]);
  const program = new Program(['dashboard', '--port', '0', ...flags]);
  const [, url = ''] = await program.output(/dashboard: (http:\/\/127\.0\.0\.1:\d+)/);
  return url;
}

/** Starts a regtest node that keeps nothing and looks for no peers. @param more further flags */
export const startLoneNode = (...more: readonly string[]): Promise<NodeProcess> =>
  startNode(['--network', 'regtest', '--port', '0', '--ephemeral', '--no-discovery', ...more]);

/** What a node is called on the page. */
export const nameOf = async ({ api }: NodeProcess): Promise<string> =>
  (await api.query('{ nodeInfo { name } }')).nodeInfo.name;

/** The card of a node in the view of the network. */
export const cardOf = (page: Page, name: string): Locator => page.getByRole('article', { name, exact: true });

/** The value beside a term, as in `Pending 3`. */
export const factOf = (part: Locator | Page, term: string): Locator =>
  part.locator('dt').getByText(term, { exact: true }).locator('xpath=following-sibling::dd[1]');

/** Goes to another view as a reader does, by the navigation. */
export async function goTo(page: Page, view: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: view, exact: true }).click();
  await page.locator('[aria-current="page"]').getByText(view, { exact: true }).waitFor();
}

/** Resolves when the element has exactly this text. */
export async function untilText(locator: Locator, text: string | RegExp, timeout = WAIT_LIMIT_MS): Promise<void> {
  const pattern = typeof text === 'string' ? new RegExp(`^\\s*${escaped(text)}\\s*$`) : text;
  await locator.filter({ hasText: pattern }).waitFor({ timeout });
}

/** Resolves when exactly this many elements match. */
export async function untilCount(locator: Locator, count: number): Promise<void> {
  if (count > 0) await locator.nth(count - 1).waitFor({ state: 'attached' });
  await locator.nth(count).waitFor({ state: 'detached' });
}

/**
 * Starts a browser, which the caller closes.
 * @param more flags of its command line
 * @param through makes a program that becomes the browser at this path; the path of the program
 */
export async function launch(
  more: readonly string[] = [],
  through: (path: string) => string = (path) => path,
): Promise<Browser> {
  return await chromium.launch({ executablePath: through(await browserProgram()), args: [...ARGS, ...more] });
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
