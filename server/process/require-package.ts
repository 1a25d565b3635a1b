import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Packages that a start does not wait for, with what they export. */
interface LatePackages {
  readonly piscina: typeof import('piscina');
  readonly 'fs-native-extensions': typeof import('fs-native-extensions');
}

/**
 * Loads a package when it is needed first, where the code that needs it cannot wait for an `import`. Only for packages
 * that the bundle leaves in node_modules.
 */
export function requirePackage<Name extends keyof LatePackages>(name: Name): LatePackages[Name] {
  return require(name);
}
