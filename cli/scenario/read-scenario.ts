import { readTextFile } from '../../server/settings/read-text-file.ts';
import type { Plan } from '../../simulator/plan.ts';
import { parseScenario, ScenarioError } from '../../simulator/scenario.ts';
import { UsageError } from '../cli-errors.ts';

/** Reads the scenario file that the user gave as `label`. Throws `UsageError` that names both. */
export function readScenario(label: string, path: string): Plan {
  const text = readTextFile(label, path);
  return inScenario(label, path, () => parseScenario(text));
}

/** Does something with the scenario of a file: what is wrong with it becomes a `UsageError` that names the file. */
export function inScenario<T>(label: string, path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw error instanceof ScenarioError ? new UsageError(`${label} ${path}: ${error.message}`) : error;
  }
}
