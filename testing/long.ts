import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { it, type TestContext } from 'vitest';

/** What a test may need of its machine, beside Node.js. */
export type Need = keyof typeof NEEDS;

const works = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args).status === 0;

/** As root, or as the root of a user namespace of its own. Killing the first process of a namespace ends all of it. */
const UNSHARE = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'])];
/** Command that runs another one in a PID namespace of its own, as a container does. */
export const CONTAINER: readonly string[] = [...UNSHARE, '--pid', '--fork', '--kill-child', '--mount-proc'];

const NEEDS = {
  root: { isThere: () => process.getuid?.() === 0, what: 'root' },
  namespaces: {
    isThere: () => works('unshare', '-rm', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()) && works('nsenter', '--version'),
    what: 'mount namespaces for this user (unshare and nsenter, of Debian package util-linux)',
  },
  containers: {
    isThere: () => works(CONTAINER[0] ?? '', ...CONTAINER.slice(1), 'true'),
    what: 'PID namespaces for this user (unshare, of Debian package util-linux)',
  },
  networks: {
    isThere: () => process.getuid?.() === 0 && works('ip', 'netns', 'list'),
    what: 'network namespaces (ip, of Debian package iproute2, as root)',
  },
  slurm: {
    isThere: () =>
      process.getuid?.() === 0 && works('slurmctld', '-V') && works('slurmd', '-V') && works('munged', '--version'),
    what: 'Slurm (Debian packages slurm-wlm and munge, as root)',
  },
  python: { isThere: () => works('python3', '--version'), what: 'Python (Debian package python3)' },
  go: { isThere: () => works('go', 'version'), what: 'Go (Debian package golang-go)' },
  parallel: { isThere: () => works('parallel', '--version'), what: 'GNU parallel (Debian package parallel)' },
  strace: { isThere: () => works('strace', '-qq', '-o', '/dev/null', 'true'), what: 'strace (Debian package strace)' },
  zsh: { isThere: () => works('zsh', '-fc', 'zmodload zsh/zpty'), what: 'zsh (Debian package zsh)' },
  fish: { isThere: () => works('fish', '--version'), what: 'fish (Debian package fish)' },
  kubectl: { isThere: () => works('kubectl', 'version', '--client'), what: 'kubectl (as kubernetes.io has it)' },
  tini: { isThere: () => works('tini', '--version'), what: 'tini (Debian package tini)' },
  systemd: { isThere: () => works('systemd-analyze', '--version'), what: 'systemd-analyze (Debian package systemd)' },
  promtool: { isThere: () => works('promtool', '--version'), what: 'promtool (Debian package prometheus)' },
  caddy: { isThere: () => works('caddy', 'version'), what: 'Caddy (Debian package caddy)' },
  nginx: { isThere: () => works('nginx', '-v'), what: 'nginx (Debian package nginx)' },
  faketime: { isThere: () => works('faketime', '1 hour ago', 'true'), what: 'faketime (Debian package faketime)' },
} as const satisfies Record<string, { isThere(): boolean; what: string }>;

/**
 * A test that needs something of its machine. Where that is missing it is skipped, with the reason; with `CI_LONG=1`,
 * where everything has to be there, it fails with the reason.
 * @param limitMs of its time, where it is not that of every test
 */
export function itNeeding(needs: readonly Need[], name: string, test: () => Promise<void>, limitMs?: number): void {
  it(
    name,
    async (context) => {
      requireOfMachine(context, needs);
      await test();
    },
    limitMs,
  );
}

/** Ends a test whose machine lacks what it needs, as {@link itNeeding} does; for a `beforeEach` of many tests. */
export function requireOfMachine(context: TestContext, needs: readonly Need[]): void {
  const missing = needs.filter((need) => !NEEDS[need].isThere()).map((need) => NEEDS[need].what);
  if (missing.length === 0) return;
  const reason = `needs ${missing.join(', and ')}`;
  if (process.env.CI_LONG === '1') throw new Error(`${reason}; CI_LONG=1 says that it is there`);
  // The reporter names no skipped tests.
  process.stdout.write(`skipped: ${context.task.name}: ${reason}\n`);
  context.skip(reason);
}
