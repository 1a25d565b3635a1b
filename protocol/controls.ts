import type { NetworkParams } from '../consensus/params.ts';
import type { Refused } from './refused.ts';

/** Why a request that only development networks allow is refused; null where this network allows it. */
export function controlsRefusal(params: NetworkParams): Refused | null {
  if (params.controls) return null;
  const where = 'regtest has them, and networks whose file says "controls": true';
  return { code: 'controls-off', message: `the network ${params.name} has no development controls: ${where}` };
}
