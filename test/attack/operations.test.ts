import { Agent } from 'node:http';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { HonestClient, send, startAttackedNode, vitalsOf } from '../../testing/attacked-node.ts';
import { NASTY_DOCUMENTS } from '../../testing/nasty-documents.ts';
import { killPrograms, type NodeProcess } from '../../testing/processes.ts';

/** What is said of a mistake, whatever the caller wrote. Positions of what is wrong come with it. */
const MAX_REFUSAL_BYTES = 32 * 1024;
/** Node refuses headers, and with them addresses, above this. */
const MAX_URL_CHARS = 7_000;
/** Generous: measured are a few milliseconds, on a machine with nothing else to do. */
const MAX_CPU_MS_EACH = 200;
const HONEST_WAIT_MS = 5_000;
const TEXTS = 100;
const OTHER_ADDRESS = '127.0.0.7';
/** Before they were bounded, the answers of these texts alone, which were kept, took 1,000 MiB. */
const MAX_GROWTH_MIB = 400;

let node: NodeProcess;

beforeAll(async () => {
  node = await startAttackedNode();
  await node.api.query('mutation { mine(count: 100) { __typename } }');
});

afterAll(killPrograms);

/** The ways in: what each answers to a document, as text. */
const WAYS: Readonly<Record<string, (query: string) => Promise<string>>> = {
  POST: async (query) => (await send(`${node.url}/graphql`, { body: JSON.stringify({ query }) })).text,
  GET: async (query) => {
    const url = `${node.url}/graphql?query=${encodeURIComponent(query)}`;
    return (await send(url, { method: 'GET', headers: { accept: 'text/event-stream' } })).text;
  },
  'server-sent events': async (query) => {
    const headers = { accept: 'text/event-stream' };
    return (await send(`${node.url}/graphql`, { headers, body: JSON.stringify({ query }) })).text;
  },
  WebSocket: overSocket,
};

async function overSocket(query: string): Promise<string> {
  const client = createClient({ url: `${node.url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
  try {
    let text = '';
    for await (const result of client.iterate({ query })) text += JSON.stringify(result);
    return text;
  } catch (error) {
    return JSON.stringify(error);
  } finally {
    await client.dispose();
  }
}

describe.each(Object.entries(WAYS))('by %s', (way, ask) => {
  it('whatever asks for too much is refused shortly and cheaply, and others are answered meanwhile', async () => {
    const honest = new HonestClient(node.url);
    const before = await vitalsOf(node.url);
    const fitting = NASTY_DOCUMENTS.filter(
      ({ query }) => way !== 'GET' || encodeURIComponent(query).length < MAX_URL_CHARS,
    );
    for (const { name, query, reason } of fitting) {
      const answer = await ask(query);
      expect(answer.replaceAll('\\', ''), name).toMatch(reason);
      expect(Buffer.byteLength(answer), name).toBeLessThan(MAX_REFUSAL_BYTES);
    }
    const { cpuMs } = await vitalsOf(node.url);
    const { answersMs, failures, worstMs } = await honest.stop();
    expect(fitting.length).toBeGreaterThan(way === 'GET' ? 10 : 20);
    expect((cpuMs - before.cpuMs) / fitting.length).toBeLessThan(MAX_CPU_MS_EACH);
    expect(failures).toEqual([]);
    expect(answersMs.length).toBeGreaterThan(0);
    expect(worstMs).toBeLessThan(HONEST_WAIT_MS);
  });
});

describe('what is sent along', () => {
  const nested = (count: number) => `${'['.repeat(count)}${']'.repeat(count)}`;

  it.each([
    ['a batch', `[${'{"query":"{ tip { hash } }"},'.repeat(3_000)}{}]`, 400],
    ['variables that are nested', `{"query":"{ tip { hash } }","variables":${nested(60_000)}}`, 400],
    [
      'a nested value',
      `{"query":"query ($h: Int) { block(height: $h) { hash } }","variables":{"h":${nested(60_000)}}}`,
      200,
    ],
    [
      'a giant value',
      `{"query":"query ($h: Int) { block(height: $h) { hash } }","variables":{"h":"${'9'.repeat(120_000)}"}}`,
      200,
    ],
    ['a body above 128 KiB', `{"query":"${' '.repeat(128 * 1024)}{ tip { hash } }"}`, 413],
  ])('%s is refused shortly', async (_, body, status) => {
    const answer = await send(`${node.url}/graphql`, { body });
    expect(answer.status).toBe(status);
    expect(answer.text).toContain('"errors"');
    expect(answer.text.length).toBeLessThan(2_000);
  });
});

describe('texts that never come again', () => {
  it('are not kept, nor what was said of them', async () => {
    const before = await vitalsOf(node.url);
    const { query = '' } = NASTY_DOCUMENTS.find(({ name }) => name === 'a long name that each mistake repeats') ?? {};
    for (let i = 0; i < TEXTS; i++)
      await send(`${node.url}/graphql`, { body: JSON.stringify({ query: `${query}#${i}` }) });
    expect((await vitalsOf(node.url)).residentMib - before.residentMib).toBeLessThan(MAX_GROWTH_MIB);
  });
});

describe('many long queries at once', () => {
  const long =
    '{ headers(fromHeight: 0, limit: 100) { hash height raw prevHash merkleRoot time bits nonce version } blocks(first: 100) { edges { node { hash miner reward size transactions(first: 20) { edges { node { id } } } } } } }';
  const body = JSON.stringify({ query: long });

  it('do not keep short ones waiting', async () => {
    const honest = new HonestClient(node.url);
    const attack = Array.from({ length: 200 }, () => send(`${node.url}/graphql`, { body }));
    const first = await Promise.race(attack);
    expect(first.text).toContain('"data"');
    const answeredMeanwhile = honest.answersMs.length;
    await Promise.all(attack);
    const { answersMs, failures } = await honest.stop();
    expect(failures).toEqual([]);
    // One in each few turns of the loop, where all two hundred had to be executed first.
    expect(answersMs.length - answeredMeanwhile).toBeGreaterThan(10);
  });

  it('do not keep the long ones of others waiting: an honest client gets its turn after each of theirs', async () => {
    let attacks = 0;
    const attack = Array.from({ length: 200 }, async () => {
      const answer = await send(`${node.url}/graphql`, { body });
      attacks++;
      return answer;
    });
    await Promise.race(attack);
    const agent = new Agent({ keepAlive: true, maxSockets: 1, localAddress: OTHER_ADDRESS });
    for (let asked = 0; asked < 5; asked++) {
      expect((await send(`${node.url}/graphql`, { body, agent })).text).toContain('"data"');
    }
    expect(attacks).toBeLessThan(150);
    for (const { text } of await Promise.all(attack)) expect(text).toContain('"data"');
    agent.destroy();
  });
});
