import type { NetworkParams } from '../consensus/params.ts';

/** Why a request that only development networks allow is refused; null where this network allows it. */
export function controlsRefusal(
  params: NetworkParams,
): { readonly code: 'controls-off'; readonly message: string } | null {
  if (params.controls) return null;
  const message = `the network ${params.name} has no development controls: regtest has, and a network file with "controls": true`;
  return { code: 'controls-off', message };
}
