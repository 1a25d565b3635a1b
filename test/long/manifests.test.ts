// The files in deploy/, as far as they can be checked without a cluster, a systemd that runs, and a Prometheus that runs.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect } from 'vitest';
import { KubernetesModels } from '../../testing/kubernetes-models.ts';
import { itNeeding } from '../../testing/long.ts';
import { removeFolders, temporaryFolder } from '../../testing/processes.ts';

const DEPLOY = 'deploy';
/** Of `systemd-analyze security`, in tenths: 1.3 as it is. Above 2.0, something was opened. */
const MAX_EXPOSURE_TENTHS = 20;

afterEach(removeFolders);

const rendered = (overlay: string): string =>
  execFileSync('kubectl', ['kustomize', join(DEPLOY, 'kubernetes', overlay)], { encoding: 'utf8' });

describe('manifests for Kubernetes', () => {
  itNeeding(['kubectl'], 'render to objects of Kubernetes without an unknown field', async () => {
    const models = new KubernetesModels(temporaryFolder());
    for (const overlay of ['base', 'overlays/demo', 'overlays/lab'])
      expect([overlay, await models.problemsOf(rendered(overlay))]).toEqual([overlay, []]);
    for (const file of ['podman/forklore.yaml', 'sweep/job.yaml'])
      expect([file, await models.problemsOf(readFileSync(join(DEPLOY, file), 'utf8'))]).toEqual([file, []]);

    // The check itself can fail: a misspelt field, one of another type, and one that is not there.
    const misspelt = rendered('base').replace('readOnlyRootFilesystem', 'readonlyRootFilesystem');
    expect(await models.problemsOf(misspelt)).toEqual([
      expect.stringMatching(/readonlyRootFilesystem: unknown field of V1SecurityContext$/),
    ]);
    const wrong = rendered('base').replace('replicas: 3', 'replicas: three');
    expect(await models.problemsOf(wrong)).toEqual(['StatefulSet forklore.spec.replicas: "three" is not a number']);
    const { length } = await models.problemsOf('apiVersion: apps/v1\nkind: StatefulSet\nspec: {}\n');
    expect(length).toBeGreaterThan(1);
  });

  itNeeding(['kubectl'], 'differ by overlay in what they say to differ in', async () => {
    const [demo, lab] = [rendered('overlays/demo'), rendered('overlays/lab')];
    expect(lab).toMatch(/replicas: 50\n/);
    expect(lab).toMatch(/FORKLORE_HASHRATE_LIMIT: 2k\n/);
    expect(demo).toMatch(/replicas: 3\n/);
    expect(demo).toMatch(/name: forklore-dashboard\n/);
    expect(demo.match(/image: (?!registry\.example\.org\/forklore:)/g)).toBeNull();
  });
});

describe('the unit of systemd', () => {
  /** The unit of one node, where its program is, with a change. */
  function unitFile(change: (text: string) => string = (text) => text): string {
    const folder = temporaryFolder();
    const text = readFileSync(join(DEPLOY, 'systemd/forklore@.service'), 'utf8');
    const file = join(folder, 'forklore@5000.service');
    writeFileSync(file, change(text.replace('/usr/local/bin/forklore', process.execPath)));
    writeFileSync(join(folder, 'forklore.target'), readFileSync(join(DEPLOY, 'systemd/forklore.target')));
    return file;
  }
  const analyze = (...args: readonly string[]) => spawnSync('systemd-analyze', args, { encoding: 'utf8' });

  itNeeding(['systemd'], 'is understood as a whole', async () => {
    expect(analyze('verify', unitFile())).toMatchObject({ status: 0, stderr: '' });
    const misspelt = analyze(
      'verify',
      unitFile((text) => text.replace('ProtectHome', 'ProtectHouse')),
    );
    expect(misspelt.stderr).toMatch(/Unknown key (name )?'ProtectHouse'/);
  });

  itNeeding(['systemd'], 'leaves little open', async () => {
    const security = ['security', '--offline=true', `--threshold=${MAX_EXPOSURE_TENTHS}`];
    expect(analyze(...security, unitFile()).status).toBe(0);
    expect(
      analyze(
        ...security,
        unitFile((text) => text.replace(/^(Protect|Restrict).*\n/gm, '')),
      ).status,
    ).not.toBe(0);
  });
});

itNeeding(['promtool'], 'Prometheus takes its files, and the alerts rise when they should and not before', async () => {
  const promtool = (...args: readonly string[]) => spawnSync('promtool', args, { encoding: 'utf8' });
  const [config, rules, tests] = ['prometheus.yml', 'alerts.yml', 'alerts.test.yml'].map((file) =>
    join(DEPLOY, 'prometheus', file),
  ) as [string, string, string];
  expect(promtool('check', 'config', config)).toMatchObject({ status: 0, stderr: '' });
  expect(promtool('check', 'rules', rules)).toMatchObject({ status: 0, stderr: '' });
  const { status, stdout, stderr } = promtool('test', 'rules', tests);
  expect([status, stderr], stdout).toEqual([0, '']);
});
