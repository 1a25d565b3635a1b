import type { CDPSession } from 'playwright-core';
import { closeBrowser, startDashboard, visit } from '../../testing/browser.ts';
import { doLesson, startLesson } from '../../testing/fork-lesson.ts';
import { freePorts } from '../../testing/free-ports.ts';
import { killPrograms, Program } from '../../testing/processes.ts';
import type { Question, Result } from '../question.ts';

const FEW_NODES = 16;
const MANY_NODES = 64;
/** Many nodes are watched for so long. */
const MANY_NODES_MS = 30_000;
const EVENTS_PER_SECOND = 100;
/** Every transaction is an event of every node. */
const TRANSACTIONS_PER_SECOND = EVENTS_PER_SECOND / FEW_NODES;
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

/** The network view in Chromium while sixteen nodes tell it a hundred events a second, and while sixty-four do; and the lesson. */
export const dashboard: Question = {
  name: 'dashboard',
  title: 'The page with many nodes, and the lesson',
  async run() {
    const [lessonMs, lessonClicks] = await timeLesson();
    const few = await watchPage(FEW_NODES, MINUTES * MS_PER_MINUTE);
    const many = await watchPage(MANY_NODES, MANY_NODES_MS);
    return {
      unit: '',
      candidates: [],
      results: [
        ...[few, many].flatMap(({ nodes, frames }): Result[] => [
          {
            what: `${nodes} nodes: frames a second`,
            value: perSecond(frames),
            unit: '',
            goal: { least: 60 },
            obstacle:
              'the nodes, the load and the browser share two cores, and Chromium draws without a graphics card.',
          },
          { what: `${nodes} nodes: time between two frames, p95`, value: at(frames, 0.95), unit: 'ms', goal: null },
          { what: `${nodes} nodes: time between two frames, p99`, value: at(frames, 0.99), unit: 'ms', goal: null },
        ]),
        { what: 'first paint, with a cold cache', value: few.firstPaintMs, unit: 'ms', goal: { most: 1_000 } },
        {
          what: `memory of scripts after ${MINUTES} min, over that before`,
          value: few.heapAfter / few.heapBefore,
          unit: '×',
          goal: null,
        },
        { what: 'memory of scripts at the end', value: few.heapAfter / BYTES_PER_MEGABYTE, unit: 'MB', goal: null },
        { what: 'the fork lesson: clicks', value: lessonClicks, unit: '', goal: { most: 6 } },
        {
          what: 'the fork lesson: from the command to the healed fork',
          value: lessonMs / MS_PER_SECOND,
          unit: 's',
          goal: null,
        },
      ],
      notes: [
        `The nodes are in one process: ${FEW_NODES} of them, everybody connected to everybody, or ${MANY_NODES} with links at random. They are` +
          ` given ${TRANSACTIONS_PER_SECOND.toFixed(2)} and ${(EVENTS_PER_SECOND / MANY_NODES).toFixed(2)} transfers a second, each of which is an` +
          ` event of every node, and a block after every ${TRANSACTIONS_PER_BLOCK}. The page is in headless Chromium.` +
          ` Memory is measured after a garbage collection. FORKLORE_MINUTES=10 watches ${FEW_NODES} nodes for ten minutes; ${MINUTES} here.`,
        `${few.sent} transfers were sent to ${FEW_NODES} nodes, ${many.sent} to ${MANY_NODES}.`,
        'The lesson is that of test/browser/fork-lesson.test.ts: a script clicks as soon as what it waits for is there, so its time is that' +
          ' of the program, start of three nodes and browser included, and not of a reader.',
      ],
    };
  },
};

/** How long the lesson takes from the command to the healed fork, in milliseconds, and how many clicks. */
async function timeLesson(): Promise<[ms: number, clicks: number]> {
  const startMs = performance.now();
  const { page } = await visit(await startLesson());
  let clicks = 0;
  await doLesson(page, async (name) => {
    await page.getByRole('button', { name, exact: true }).click();
    clicks++;
  });
  const ms = performance.now() - startMs;
  await closeBrowser();
  await killPrograms();
  return [ms, clicks];
}

interface Watched {
  readonly nodes: number;
  /** Milliseconds between frames, ascending. */
  readonly frames: readonly number[];
  readonly firstPaintMs: number;
  /** Bytes of scripts. */
  readonly heapBefore: number;
  readonly heapAfter: number;
  readonly sent: number;
}

/** Looks at the network view of so many nodes under load. */
async function watchPage(nodes: number, forMs: number): Promise<Watched> {
  const basePort = await freePorts(nodes);
  const urls = Array.from({ length: nodes }, (_, index) => `http://127.0.0.1:${basePort + index}`);
  const flags = ['--nodes', `${nodes}`, '--base-port', `${basePort}`, '--network', 'regtest', '--ephemeral'];
  const topology = nodes > FEW_NODES ? ['--topology', 'random'] : [];
  const cluster = new Program(['cluster', ...flags, ...topology, '--log-level', 'warn']);
  await cluster.output(new RegExp(`:${basePort + nodes - 1}/graphql`));
  const { page, context } = await visit(await startDashboard(urls));
  await page.getByRole('heading', { level: 1, name: `All ${nodes} nodes agree on` }).waitFor();
  const firstPaintMs = await page.evaluate<number>(FIRST_PAINT);
  const session = await context.newCDPSession(page);
  const load = loadOf(urls);
  await page.evaluate(COUNT_FRAMES);
  await pause(WARM_UP_MS);
  const heapBefore = await heapOf(session);
  await page.evaluate(FRAMES_SINCE);
  await pause(forMs);
  const frames = (await page.evaluate<number[]>(FRAMES_SINCE)).sort((a, b) => a - b);
  const heapAfter = await heapOf(session);
  await load.stop();
  await closeBrowser();
  await killPrograms();
  return { nodes, frames, firstPaintMs, heapBefore, heapAfter, sent: load.sent() };
}

const perSecond = (frames: readonly number[]): number =>
  frames.length / (frames.reduce((sum, ms) => sum + ms, 0) / MS_PER_SECOND);
const at = (frames: readonly number[], share: number): number =>
  frames[Math.floor(frames.length * share)] ?? Number.NaN;

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
  const timer = setInterval(
    () => {
      const variables = {
        from: NAMES[sent % NAMES.length],
        to: NAMES[(sent + 3) % NAMES.length],
        amount: `0.0${1 + (sent % 9)}`,
      };
      ask(urls[sent % urls.length], SEND, variables);
      sent++;
      if (sent % TRANSACTIONS_PER_BLOCK === 0) ask(urls[sent % urls.length], 'mutation { mine { __typename } }', {});
    },
    (MS_PER_SECOND * urls.length) / EVENTS_PER_SECOND,
  );
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
