import { transformSync } from 'esbuild';
import { address, at, chain, List, require, sha256, Table, verify } from '../library/contract.ts';

const HOST = { address, at, chain, List, require, sha256, Table, verify };
const IMPORT = /^import .*;$/m;

/** The classes of sources as an import of their files would give them, with their types stripped. One transformation takes its time. */
export function nativeClasses(sources: readonly string[]): (new (...args: never[]) => object)[] {
  const makers = sources.map((source) => {
    const name = /export class (\w+)/.exec(source)?.[1];
    const body = source.replace(IMPORT, '').replaceAll(/\bexport (?=class |interface |type )/g, '');
    return `() => { ${body}\nreturn ${name}; }`;
  });
  const { code } = transformSync(`export default [${makers.join(',\n')}];`, { loader: 'ts', target: 'es2022' });
  const make = new Function(...Object.keys(HOST), code.replace(/export \{[^}]*\};?|export default/, 'return'));
  return (make(...Object.values(HOST)) as (() => new (...args: never[]) => object)[]).map((of) => of());
}
