import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { it, type TestContext } from 'vitest';

/** What a test may need of its machine, beside Node.js. */
export type Need = keyof typeof NEEDS;

const works = (command: string, ...args: readonly string[]): boolean => spawnSync(command, args).status === 0;

const NEEDS = {
  root: { isThere: () => process.getuid?.() === 0, what: 'root' },
  namespaces: {
    isThere: () => works('unshare', '-rm', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()) && works('nsenter', '--version'),
    what: 'mount namespaces for this user (unshare and nsenter, of Debian package util-linux)',
  },
  networks: {
    isThere: () => process.getuid?.() === 0 && works('ip', 'netns', 'list'),
    what: 'network namespaces (ip, of Debian package iproute2, as root)',
  },
  strace: { isThere: () => works('strace', '-qq', '-o', '/dev/null', 'true'), what: 'strace (Debian package strace)' },
  faketime: { isThere: () => works('faketime', '1 hour ago', 'true'), what: 'faketime (Debian package faketime)' },
} as const satisfies Record<string, { isThere(): boolean; what: string }>;

/**
 * A test that needs something of its machine. Where that is missing it is skipped, with the reason; with `CI_LONG=1`,
 * where everything has to be there, it fails with the reason.
 */
export function itNeeding(needs: readonly Need[], name: string, test: () => Promise<void>): void {
  it(name, async (context) => {
    const missing = needs.filter((need) => !NEEDS[need].isThere()).map((need) => NEEDS[need].what);
    if (missing.length > 0) giveUp(context, name, `needs ${missing.join(', and ')}`);
    await test();
  });
}

function giveUp(context: TestContext, name: string, reason: string): never {
  if (process.env.CI_LONG === '1') throw new Error(`${reason}; CI_LONG=1 says that it is there`);
  // The reporter names no skipped tests.
  process.stdout.write(`skipped: ${name}: ${reason}\n`);
  context.skip(reason);
}
