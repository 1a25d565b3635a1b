import { type Outcome, simulate, simulateTwice } from '../run.ts';
import { nativeCrypto } from './native-crypto.ts';
import { parseRequest } from './options.ts';

const crypto = nativeCrypto();

/** One seed of a campaign, in a thread of its own. The command line says what its plan is. */
export default function runSeed({ seed, argv }: { readonly seed: number; readonly argv: readonly string[] }): Outcome {
  const request = parseRequest(argv);
  return (request.runsTwice ? simulateTwice : simulate)(request.planOf(seed), crypto);
}
