import { compileContract } from './contract/compile.ts';
import type { Program } from './contract/program.ts';
import { SourceError } from './contract/source-error.ts';
import { type SignatureCheck, verifySignature } from './signature.ts';
import type { CodeHash } from './state.ts';

/** What a host of the rules may do faster than they do by themselves. Its answers never differ. */
export interface ContractHost {
  /** The program of a source, which may be remembered by its hash; a `SourceError` where there is none. */
  compile(codeHash: CodeHash, source: Uint8Array): Program | SourceError;
  /** Strict Ed25519 verification, as of a transaction's signature. */
  verifySignature(check: SignatureCheck): boolean;
}

/** A host that remembers nothing, in plain JavaScript. */
export const PLAIN_CONTRACT_HOST: ContractHost = {
  compile: (_codeHash, source) => compileSource(source),
  verifySignature,
};

/** The program of a source, or why there is none. */
export function compileSource(source: Uint8Array): Program | SourceError {
  try {
    return compileContract(source);
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
}
