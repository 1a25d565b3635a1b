import { readTextFile } from '../../server/settings/read-text-file.ts';
import type { Plan } from '../../simulator/plan.ts';
import { parseScenarioFields, planOf, ScenarioError } from '../../simulator/scenario.ts';
import { UsageError } from '../cli-errors.ts';

/** Reads the scenario file that the user gave as `label`. Throws `UsageError` that names both. */
export function readScenario(label: string, path: string): Plan {
  return planOf(readScenarioFields(label, path));
}

/** The same without what the file leaves out. */
export function readScenarioFields(label: string, path: string): Partial<Plan> {
  const text = readTextFile(label, path);
  return inScenario(label, path, () => parseScenarioFields(text));
}

/** Does something with the scenario of a file: what is wrong with it becomes a `UsageError` that names the file. */
export function inScenario<T>(label: string, path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw error instanceof ScenarioError ? new UsageError(`${label} ${path}: ${error.message}`) : error;
  }
}
