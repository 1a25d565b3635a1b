import { controlsRefusal } from '../../protocol/controls.ts';
import type { ApiContext } from './builder.ts';
import { requireControl } from './require-control.ts';
import type { OperationFailure } from './submit.ts';

/** Who may use a development control, for the descriptions of the API. */
export const NEEDS_CONTROL =
  'Needs control of the node, else FORBIDDEN, and a network with controls, else `controls-off`.';

/**
 * Whether the caller may use the development controls of this node; the first line of every mutation that does.
 * @returns null where it may, else the failure to answer with
 * @throws FORBIDDEN where the caller may not control the node at all
 */
export function refuseControl(context: ApiContext): OperationFailure | null {
  requireControl(context);
  return controlsRefusal(context.node.view.params);
}
