import type { ResultType } from '../consensus/contract/types.ts';
import { bytesToHex } from '../consensus/hex.ts';
import type { CallOptions } from './client-options.ts';
import type { NodeClient } from './node-client.ts';
import type { NodeTransport } from './node-transport.ts';
import type { CallRequest, DeployRequest } from './requests.ts';
import type { SubmittedContract } from './types.ts';

/** A deploy or a call that the node has accepted, and what its method gives. */
export interface Executed {
  readonly submitted: SubmittedContract;
  readonly result: ResultType;
}

/** Signs a deploy or a call after a dry run, and submits it. Throws as `NodeClient.deploy` does. */
export async function executeContract(
  node: Pick<NodeClient, 'submit'>,
  transport: NodeTransport,
  order: DeployRequest | CallRequest,
  options: CallOptions,
): Promise<Executed> {
  // Most programs never sign, and the signature scheme takes long to load.
  const { signTried } = await import('./prepare-contract.ts');
  const { transaction, contract, result } = await signTried(transport, order, options);
  const { raw, gas, fee } = transaction;
  return { submitted: { ...(await node.submit(bytesToHex(raw), options)), contract, gas, fee }, result };
}
