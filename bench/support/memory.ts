import { readFileSync } from 'node:fs';

const KIB_PER_MIB = 1_024;

export interface Memory {
  /** The process's own. */
  readonly privateMib: number;
  /** With the pages of files that are mapped, which the system takes back when it needs them. */
  readonly residentMib: number;
}

/** Whether this system says how much memory another process has. */
export const KNOWS_MEMORY = process.platform === 'linux';

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / KIB_PER_MIB;
  return { privateMib: mib('RssAnon'), residentMib: mib('VmRSS') };
}
