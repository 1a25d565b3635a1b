import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveNode, startLiveNode } from '../../testing/live-node.ts';
import { type CliSurroundings, forklore } from './stub-node.ts';

let node: LiveNode;
let folder: string;
beforeAll(async () => {
  node = await startLiveNode();
  folder = mkdtempSync(join(tmpdir(), 'forklore-api-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await node.stop();
});

const api = (args: readonly string[], surroundings?: CliSurroundings) =>
  forklore(['api', ...args, '--node', node.url], surroundings);
const dataOf = async (args: readonly string[], surroundings?: CliSurroundings) => {
  const { code, stdout, stderr } = await api(args, surroundings);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
};

describe('forklore api', () => {
  it('prints the data of a query and of a mutation', async () => {
    expect(await dataOf(['mutation { mine(count: 2) { __typename } }'])).toEqual({
      mine: { __typename: 'BlocksMined' },
    });
    expect(await dataOf(['{ tip { height } none: block(height: 99) { hash } }'])).toEqual({
      tip: { height: 2 },
      none: null,
    });
  });

  it('takes variables as JSON, or as text where they are none', async () => {
    const account = 'query ($a: String!) { account(address: $a) { name } }';
    expect(await dataOf([account, '--var', 'a=Alice'])).toEqual({ account: { name: 'Alice' } });
    expect(await dataOf([account, '--var', 'a="Bob"'])).toEqual({ account: { name: 'Bob' } });
    const send = `mutation ($amount: Amount!, $memo: String) {
      sendFromDevAccount(from: "Alice", to: "Bob", amount: $amount, memo: $memo) {
        ... on TransactionAccepted { transaction { amount memo } }
      }
    }`;
    expect(await dataOf([send, '--var', 'amount=3', 'memo=a=b c'])).toEqual({
      sendFromDevAccount: { transaction: { amount: '3', memo: 'a=b c' } },
    });
    // No number of JavaScript holds these digits.
    const hash = '1'.repeat(64);
    const byHash = 'query ($h: Hash!) { block(hash: $h) { height } }';
    expect(await dataOf([byHash, '--var', `h=${hash}`])).toEqual({ block: null });
    const kinds = 'query ($k: [EventKind!]) { latestEvents(kinds: $k, count: 1) { __typename } }';
    expect(await dataOf([kinds, '--var', 'k=["BLOCK"]'])).toEqual({ latestEvents: [{ __typename: 'BlockEvent' }] });
  });

  it('reads the query from a file, or from a pipe', async () => {
    const file = join(folder, 'tip.graphql');
    writeFileSync(file, 'query Tip { tip { height } }');
    expect(await dataOf(['--query-file', file])).toEqual({ tip: { height: 2 } });
    expect(await dataOf(['-'], { input: '{ tip { height } }' })).toEqual({ tip: { height: 2 } });
  });

  it('ends with 1 and the errors of the API', async () => {
    const { code, stdout, stderr } = await api(['{ tip { color } }']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: Cannot query field "color" on type "Block"\..* \(GRAPHQL_VALIDATION_FAILED\)\n$/);
    expect((await api(['{ account(address: "x") { name } }'])).stderr).toMatch(/^error: .* \(BAD_INPUT\)\n$/);
  });

  it.each([
    [[], "QUERY is missing: give it as '{ tip { height } }', by --query-file FILE, or as - from a pipe"],
    [['-'], 'QUERY - needs the query from a pipe or a file: … < FILE'],
    [['{ a }', '--query-file', 'b'], 'QUERY and --query-file exclude each other: give one of them'],
    [['{ a }', '--var', 'a'], '--var must be NAME=VALUE, not "a"'],
    [['{ a }', '--var', 'a=1', 'a=2'], '--var a is given twice'],
    [['query A { a } query B { b }'], 'QUERY must hold one operation, not 2'],
    [
      ['subscription { blockAdded { height } }'],
      'QUERY must be a query or a mutation, not a subscription; see forklore watch',
    ],
  ])('refuses %j', async (args, message) => {
    expect(await api(args)).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n` });
  });

  it('refuses what is not GraphQL', async () => {
    const { code, stderr } = await api(['{ tip {']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: QUERY is not GraphQL: .+\n$/);
  });
});
