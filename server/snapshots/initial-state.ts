import type { Network } from '../../consensus/genesis.ts';
import type { StateSource } from '../node/node-options.ts';
import type { NodeState } from '../node/node-state.ts';
import { OptionError } from '../process/expected-error.ts';
import { settingName } from '../process/setting-name.ts';
import type { Store } from '../store/store.ts';
import type { VerifySignatures } from '../store/verify-signatures.ts';
import { readStateFile } from './read-state-file.ts';
import { StateFileError } from './state-file.ts';
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
      `${settingName('loadState')} is only for a new chain, and ${store.directory} holds one of height ${store.height}: leave it out, or choose another folder`,
    );
  }
  try {
    const file = readStateFile(path);
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
    if (error instanceof StateFileError) throw new OptionError(`${settingName('loadState')} ${path}: ${error.message}`);
    throw error;
  }
}
