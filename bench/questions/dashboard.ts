import type { CDPSession } from 'playwright-core';
import { closeBrowser, startDashboard, visit } from '../../testing/browser.ts';
import { freePorts } from '../../testing/free-ports.ts';
import { Program } from '../../testing/processes.ts';
import type { Question } from '../question.ts';

const NODES = 16;
/** Every transaction is an event of every node. */
const TRANSACTIONS_PER_SECOND = 100 / NODES;
const TRANSACTIONS_PER_BLOCK = 60;
const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin', 'Frank', 'Grace', 'Heidi', 'Ivan', 'Judy'];
/** Ten, for whether memory is level after ten minutes. */
const MINUTES = Number(process.env.FORKLORE_MINUTES ?? 1);
/** Memory is looked at from here on: before, the page fills what it keeps. */
const WARM_UP_MS = 20_000;
const MS_PER_MINUTE = 60_000;
const MS_PER_SECOND = 1_000;
const BYTES_PER_MEGABYTE = 1_000_000;
const SEND =
  'mutation ($from: String!, $to: String!, $amount: Amount!) { sendFromDevAccount(from: $from, to: $to, amount: $amount) { __typename } }';

/** The home view in Chromium while sixteen nodes tell it a hundred events a second. */
export const dashboard: Question = {
  name: 'dashboard',
  title: 'The page with sixteen nodes',
  async run() {
    const basePort = await freePorts(NODES);
    const urls = Array.from({ length: NODES }, (_, index) => `http://127.0.0.1:${basePort + index}`);
    const flags = ['--nodes', `${NODES}`, '--base-port', `${basePort}`, '--network', 'regtest', '--ephemeral'];
    const cluster = new Program(['cluster', ...flags, '--log-level', 'warn']);
    await cluster.output(new RegExp(`:${basePort + NODES - 1}/graphql`));
    const { page, context } = await visit(await startDashboard(urls));
    await page
      .locator('article .online')
      .nth(NODES - 1)
      .waitFor();
    const firstPaintMs = await page.evaluate<number>(FIRST_PAINT);
    const session = await context.newCDPSession(page);
    const load = loadOf(urls);
    await page.evaluate(COUNT_FRAMES);
    await pause(WARM_UP_MS);
    const before = await heapOf(session);
    await page.evaluate(FRAMES_SINCE);
    await pause(MINUTES * MS_PER_MINUTE);
    const frames = (await page.evaluate<number[]>(FRAMES_SINCE)).sort((a, b) => a - b);
    const after = await heapOf(session);
    await load.stop();
    await closeBrowser();
    const perSecond = frames.length / (frames.reduce((sum, ms) => sum + ms, 0) / MS_PER_SECOND);
    const at = (share: number): number => frames[Math.floor(frames.length * share)] ?? Number.NaN;
    return {
      unit: '',
      candidates: [],
      results: [
        {
          what: 'frames a second',
          value: perSecond,
          unit: '',
          goal: { least: 60 },
          obstacle:
            'sixteen nodes, the load and the browser share two cores, and Chromium draws without a graphics card.',
        },
        { what: 'time between two frames, p95', value: at(0.95), unit: 'ms', goal: null },
        { what: 'time between two frames, p99', value: at(0.99), unit: 'ms', goal: null },
        { what: 'first paint, with a cold cache', value: firstPaintMs, unit: 'ms', goal: { most: 1_000 } },
        {
          what: `memory of scripts after ${MINUTES} min, over that before`,
          value: after / before,
          unit: '×',
          goal: null,
        },
        { what: 'memory of scripts at the end', value: after / BYTES_PER_MEGABYTE, unit: 'MB', goal: null },
      ],
      notes: [
        `Sixteen nodes in one process, everybody connected to everybody, are given ${TRANSACTIONS_PER_SECOND} transfers a second,` +
          ` each of which is an event of every node, and a block after every ${TRANSACTIONS_PER_BLOCK}. The page is in headless Chromium.` +
          ` Memory is measured after a garbage collection. FORKLORE_MINUTES=10 watches it for ten minutes; ${MINUTES} here.`,
        `${load.sent()} transfers were sent.`,
      ],
    };
  },
};

interface Load {
  sent(): number;
  stop(): Promise<void>;
}

/** Sends transfers at an even pace, to one node after the other, and has a block mined now and then. */
function loadOf(urls: readonly string[]): Load {
  let sent = 0;
  const under = new Set<Promise<unknown>>();
  const ask = (url: string | undefined, query: string, variables: object): void => {
    const headers = { 'content-type': 'application/json' };
    const asked = fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    under.add(asked);
    asked.then((response) => response.body?.cancel()).finally(() => under.delete(asked));
  };
  const timer = setInterval(() => {
    const variables = {
      from: NAMES[sent % NAMES.length],
      to: NAMES[(sent + 3) % NAMES.length],
      amount: `0.0${1 + (sent % 9)}`,
    };
    ask(urls[sent % urls.length], SEND, variables);
    sent++;
    if (sent % TRANSACTIONS_PER_BLOCK === 0) ask(urls[sent % urls.length], 'mutation { mine { __typename } }', {});
  }, MS_PER_SECOND / TRANSACTIONS_PER_SECOND);
  return {
    sent: () => sent,
    stop: async () => {
      clearInterval(timer);
      await Promise.allSettled(under);
    },
  };
}

// As text: these run in the page, whose types this room does not know.
const COUNT_FRAMES = `
  window.frames_ = [];
  let lastMs = performance.now();
  const next = (nowMs) => {
    frames_.push(nowMs - lastMs);
    lastMs = nowMs;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);`;
/** Milliseconds between frames since it was asked last. */
const FRAMES_SINCE = 'frames_.splice(0)';
const FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime";

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
