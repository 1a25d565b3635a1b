import type { Method, SourceFile } from './syntax.ts';

/** Whether `chain.value` stands in a method, or in a method or function that it calls by name, directly or not. */
export function acceptsCoins(file: SourceFile, method: Method): boolean {
  const reached = new Set([method]);
  for (const one of reached) {
    for (const { kind, name } of nodesOf(one.body)) {
      if (kind === 'chain' && name === 'value') return true;
      const called =
        kind === 'own' ? file.methods.get(name) : kind === 'function' ? file.functions.get(name) : undefined;
      if (called) reached.add(called);
    }
  }
  return false;
}

/** All parts of a syntax tree that have a kind and a name. */
function* nodesOf(tree: object): Generator<{ readonly kind: string; readonly name: string }> {
  if ('kind' in tree && 'name' in tree) yield tree as { readonly kind: string; readonly name: string };
  for (const part of Object.values(tree)) {
    if (typeof part === 'object' && part !== null) yield* nodesOf(part);
  }
}
