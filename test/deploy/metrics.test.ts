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
    Promise.all(nodes.map(async ({ url }) => checkpointsIn(await (await fetch(`${url}/metrics`)).text())));
  try {
    const [a, b] = await checkpoints();
    expect(a).toEqual(b);
    expect(a?.height).toEqual({ 0: 0 });
    const [first, second] = nodes;
    await first?.api.query('mutation { mine(count: 26) { __typename } }');
    await second?.api.query('mutation { mine(count: 16) { __typename } }');
    const [c, d] = await checkpoints();
    expect([c?.height, d?.height]).toEqual([
      { 0: 0, 1: 10, 2: 20 },
      { 0: 0, 1: 10 },
    ]);
    expect(c?.fingerprint[0]).toBe(d?.fingerprint[0]);
    expect(c?.fingerprint[1]).not.toBe(d?.fingerprint[1]);
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
  }
});

/** By their slots. */
function checkpointsIn(text: string): { height: Record<string, number>; fingerprint: Record<string, number> } {
  const values = (name: string) =>
    Object.fromEntries(
      [...text.matchAll(new RegExp(`^forklore_checkpoint_${name}\\{slot="(\\d+)"\\} (\\d+)$`, 'gm'))].map(
        ([, slot, value]) => [slot, Number(value)],
      ),
    );
  return { height: values('height'), fingerprint: values('fingerprint') };
}
