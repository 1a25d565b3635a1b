import { API_TARGETS } from './api-targets.ts';
import { BYTE_TARGETS } from './byte-targets.ts';
import { COMMAND_LINE_TARGETS } from './command-line-targets.ts';
import { RUNNING_CORE } from './running-core.ts';
import { SERVER_TARGETS } from './server-targets.ts';
import type { FuzzTarget } from './target.ts';
import { TEXT_TARGETS } from './text-targets.ts';

/** Every place where foreign bytes or text come in, with inputs and the properties that hold there. */
export const TARGETS: readonly FuzzTarget[] = [
  ...BYTE_TARGETS,
  ...TEXT_TARGETS,
  ...COMMAND_LINE_TARGETS,
  ...SERVER_TARGETS,
  ...API_TARGETS,
  RUNNING_CORE,
];
