import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** What `tsc --strict` says of a source. */
export interface StrictMessage {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly code: number;
  readonly text: string;
}

/** What `forklore/contract` gives to a contract. */
const LANGUAGE = fileURLToPath(new URL('../library/contract/language.ts', import.meta.url));
const ADDRESS = fileURLToPath(new URL('../library/contract/address.ts', import.meta.url));
/** Where the sources seem to stand. */
const FOLDER = '/contracts';
const MODULE = `${FOLDER}/language.d.ts`;

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts'],
  types: [],
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  paths: { 'forklore/contract': [MODULE] },
};

/** The line of a declaration that imports the other one. */
const IMPORT = /^import .*;$/m;

/** `transpileDeclaration` declares a method whose name is computed a second time, as a property. */
const COMPUTED_TWICE = /^ *\[Symbol\.iterator\]: .*;$/m;

/** The declarations of the package in one file, without what they import to work: that would be compiled too. */
function declarations(): string {
  return [ADDRESS, LANGUAGE]
    .map((path) => {
      const { outputText } = ts.transpileDeclaration(readFileSync(path, 'utf8'), { compilerOptions: OPTIONS });
      return outputText.replace(IMPORT, '').replace(COMPUTED_TWICE, '');
    })
    .join('');
}

/** What `tsc --strict` says of sources, by their names: with the declarations of the package, and nothing of a browser or Node. */
export function strictMessages(sources: ReadonlyMap<string, string>): Map<string, StrictMessage[]> {
  const host = ts.createCompilerHost(OPTIONS);
  const names = new Map<string, string>();
  const files = new Map([[MODULE, declarations()]]);
  for (const [name, source] of sources) {
    const path = `${FOLDER}/${names.size}.ts`;
    names.set(path, name);
    files.set(path, source);
  }
  host.readFile = (path) => files.get(path) ?? ts.sys.readFile(path);
  host.fileExists = (path) => files.has(path) || ts.sys.fileExists(path);
  const { getSourceFile } = host;
  host.getSourceFile = (path, version, ...rest) => {
    const file = files.get(path);
    return file === undefined
      ? getSourceFile.call(host, path, version, ...rest)
      : ts.createSourceFile(path, file, version);
  };
  const messages = new Map<string, StrictMessage[]>([...sources.keys()].map((name) => [name, []]));
  for (const { file, start, code, messageText } of ts.getPreEmitDiagnostics(
    ts.createProgram([...names.keys()], OPTIONS, host),
  )) {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ');
    const name = names.get(file?.fileName ?? '');
    if (file === undefined || name === undefined) throw new Error(`the declarations do not compile: ${text}`);
    const { line, character } = file.getLineAndCharacterOfPosition(start ?? 0);
    messages.get(name)?.push({ line: line + 1, column: character + 1, code, text });
  }
  return messages;
}
