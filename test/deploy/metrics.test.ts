// What the files for Prometheus and Grafana ask for, a node has.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { startLiveNode } from '../../testing/live-node.ts';

const FILES = ['deploy/prometheus/alerts.yml', 'deploy/grafana/forklore.json'];
const NAME = /\b(?:forklore|process|nodejs)_[a-z0-9_]+/g;

it('every metric that an alert or a panel names is one of a node', async () => {
  const node = await startLiveNode();
  try {
    const text = await (await fetch(`${node.url}/metrics`)).text();
    const known = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
    for (const file of FILES) {
      const named = new Set(readFileSync(file, 'utf8').match(NAME));
      expect(named.size).toBeGreaterThan(4);
      expect([...named].filter((name) => !known.has(name))).toEqual([]);
    }
  } finally {
    await node.stop();
  }
});

it('the checkpoints of nodes on one chain are equal, and those of nodes on two chains are not', async () => {
  const nodes = await Promise.all([startLiveNode(), startLiveNode()]);
  const checkpoints = () =>
    Promise.all(nodes.map(async ({ url }) => checkpointIn(await (await fetch(`${url}/metrics`)).text())));
  try {
    const [a, b] = await checkpoints();
    expect(a).toEqual(b);
    expect(a?.height).toBe(0);
    for (const { api } of nodes) await api.query('mutation { mine(count: 16) { __typename } }');
    const [c, d] = await checkpoints();
    expect([c?.height, d?.height]).toEqual([10, 10]);
    expect(c?.fingerprint).not.toBe(d?.fingerprint);
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
  }
});

function checkpointIn(text: string): { height: number; fingerprint: number } {
  const value = (name: string) => Number(new RegExp(`^forklore_checkpoint_${name} (\\d+)$`, 'm').exec(text)?.[1]);
  return { height: value('height'), fingerprint: value('fingerprint') };
}
