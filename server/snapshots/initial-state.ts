import { readFileSync, statSync } from 'node:fs';
import type { Network } from '../../consensus/genesis.ts';
import type { StateSource } from '../node/node-options.ts';
import type { NodeState } from '../node/node-state.ts';
import { OptionError } from '../process/expected-error.ts';
import { systemProblem } from '../process/system-problem.ts';
import type { Store } from '../store/store.ts';
import type { VerifySignatures } from '../store/verify-signatures.ts';
import { decodeStateFile, MAX_STATE_FILE_BYTES, StateFileError } from './state-file.ts';
import { verifiedStates } from './verified-state.ts';

/**
 * Puts a state of a file into a store that holds only the genesis block. Throws `OptionError` where the store holds more, or
 * the file cannot be read or used.
 */
export async function loadInitialState(
  { path, index, count }: StateSource,
  store: Store,
  params: Network,
  verify: VerifySignatures,
): Promise<NodeState> {
  if (store.height > 0 || store.journal().length > 0) {
    throw new OptionError(
      `--load-state is only for a new chain, and ${store.directory} holds one of height ${store.height}: leave it out, or choose another folder`,
    );
  }
  try {
    const file = decodeStateFile(readStateFile(path));
    if (file.states.length !== count) {
      const held = file.states.length === 1 ? 'the state of 1 node' : `the states of ${file.states.length} nodes`;
      const started = count === 1 ? '1 node is' : `${count} nodes are`;
      throw new StateFileError(`it holds ${held}, and ${started} started`);
    }
    const [state] = await verifiedStates({ ...file, states: file.states.slice(index, index + 1) }, params, verify);
    if (!state) throw new StateFileError(`it has no state ${index}`);
    store.restoreRows(state.rows);
    return state;
  } catch (error) {
    if (error instanceof StateFileError) throw new OptionError(`--load-state ${path}: ${error.message}`);
    throw error;
  }
}

function readStateFile(path: string): Buffer {
  try {
    // Before it is in memory.
    if (statSync(path).size > MAX_STATE_FILE_BYTES)
      throw new StateFileError(`it has more than ${MAX_STATE_FILE_BYTES} bytes`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof StateFileError) throw error;
    throw new StateFileError(`it cannot be read: ${systemProblem(error)}`);
  }
}
