import type { Program } from '../consensus/contract/program.ts';
import { SourceError } from '../consensus/contract/source-error.ts';
import { type ContractHost, compileSource } from '../consensus/contract-host.ts';
import { type SignatureCheck, verifySignature } from '../consensus/signature.ts';
import type { CodeHash } from '../consensus/state.ts';
import { BoundedMap } from './bounded-map.ts';
import type { BoundedResource } from './bounded-resource.ts';

/** Sources whose programs are remembered; the oldest are forgotten first. */
const MAX_PROGRAMS = 256;
/** Their bytes. A program takes about thirty times as many as its source. */
const MAX_PROGRAM_SOURCE_BYTES = 1_000_000;
/** Sources that are remembered not to compile, in a place of their own: who sends such has paid for nothing. */
const MAX_SOURCE_ERRORS = 256;

interface Compiled {
  readonly program: Program;
  readonly sourceBytes: number;
}

/** Compiles each source once, as long as it is remembered. */
export class ProgramCache implements ContractHost {
  readonly #programs = new BoundedMap<CodeHash, Compiled>(MAX_PROGRAMS, {
    maxBytes: MAX_PROGRAM_SOURCE_BYTES,
    bytesOf: ({ sourceBytes }) => sourceBytes,
  });
  readonly #errors = new BoundedMap<CodeHash, SourceError>(MAX_SOURCE_ERRORS);
  readonly verifySignature: (check: SignatureCheck) => boolean;

  constructor(verify: (check: SignatureCheck) => boolean = verifySignature) {
    this.verifySignature = verify;
  }

  compile(codeHash: CodeHash, source: Uint8Array): Program | SourceError {
    const known = this.#programs.get(codeHash)?.program ?? this.#errors.get(codeHash);
    if (known !== undefined) return known;
    const program = compileSource(source);
    if (program instanceof SourceError) this.#errors.set(codeHash, program);
    else this.#programs.set(codeHash, { program, sourceBytes: source.length });
    return program;
  }

  resources(): BoundedResource[] {
    return [
      { what: 'compiled contracts', count: this.#programs.size, limit: MAX_PROGRAMS },
      { what: 'bytes of compiled sources', count: this.#programs.bytes, limit: MAX_PROGRAM_SOURCE_BYTES },
      { what: 'sources that do not compile', count: this.#errors.size, limit: MAX_SOURCE_ERRORS },
    ];
  }
}
