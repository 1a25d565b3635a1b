import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The official client for JavaScript: its models are generated from the OpenAPI document of Kubernetes 1.34, and list
 * every field with its type. Fetched from the npm registry for the test, and no part of a checkout.
 */
const PACKAGE = '@kubernetes/client-node@1.4.0';
const MODELS = 'node_modules/@kubernetes/client-node/dist/gen/models';

interface Field {
  readonly baseName: string;
  readonly type: string;
}
interface Model {
  readonly fields: readonly Field[];
  readonly required: ReadonlySet<string>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks manifests against the models of Kubernetes, and refuses fields that they do not have. */
export class KubernetesModels {
  readonly #folder: string;
  readonly #models = new Map<string, Model>();

  /** @param folder empty; the package is installed there */
  constructor(folder: string) {
    this.#folder = folder;
    const flags = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
    execFileSync('npm', ['install', ...flags, PACKAGE], { stdio: 'pipe' });
  }

  /** What is wrong in manifests of YAML, one problem each, with its place: `StatefulSet forklore.spec.replicas: …`. */
  async problemsOf(manifests: string): Promise<string[]> {
    const { loadAll } = createRequire(join(this.#folder, 'package.json'))('js-yaml') as {
      loadAll(text: string): unknown[];
    };
    const problems: string[] = [];
    for (const object of loadAll(manifests)) {
      if (!isObject(object)) problems.push('not an object');
      else await this.#checkManifest(object, problems);
    }
    return problems;
  }

  async #checkManifest(object: Record<string, unknown>, problems: string[]): Promise<void> {
    const { apiVersion, kind, metadata } = object;
    const name = isObject(metadata) ? metadata.name : undefined;
    const [version = ''] = String(apiVersion).split('/').slice(-1);
    const type = `${version.charAt(0).toUpperCase()}${version.slice(1)}${kind}`;
    await this.#check(object, type, `${kind} ${name}`, problems);
  }

  async #check(value: unknown, type: string, place: string, problems: string[]): Promise<void> {
    const [, element] = /^(?:Array|Set)<(.+)>$/.exec(type) ?? [];
    const [, entry] = /^\{ \[key: string\]: (.+); \}$/.exec(type) ?? [];
    if (element !== undefined) {
      if (!Array.isArray(value)) problems.push(`${place}: not a list`);
      else
        for (const [index, each] of value.entries()) await this.#check(each, element, `${place}[${index}]`, problems);
    } else if (entry !== undefined) {
      if (!isObject(value)) problems.push(`${place}: not a map`);
      else for (const [key, each] of Object.entries(value)) await this.#check(each, entry, `${place}.${key}`, problems);
    } else if (['string', 'number', 'boolean'].includes(type)) {
      if (typeof value !== type) problems.push(`${place}: ${JSON.stringify(value)} is not a ${type}`);
    } else if (type === 'IntOrString') {
      if (!['string', 'number'].includes(typeof value)) problems.push(`${place}: neither a number nor a text`);
    } else if (type !== 'any' && type !== 'object' && type !== 'Date') {
      await this.#checkObject(value, type, place, problems);
    }
  }

  async #checkObject(value: unknown, type: string, place: string, problems: string[]): Promise<void> {
    if (!isObject(value)) {
      problems.push(`${place}: not an object`);
      return;
    }
    const { fields, required } = await this.#modelOf(type);
    for (const [key, each] of Object.entries(value)) {
      const field = fields.find(({ baseName }) => baseName === key);
      if (field) await this.#check(each, field.type, `${place}.${key}`, problems);
      else problems.push(`${place}.${key}: unknown field of ${type}`);
    }
    for (const key of required) if (!(key in value)) problems.push(`${place}.${key}: missing`);
  }

  async #modelOf(type: string): Promise<Model> {
    const known = this.#models.get(type);
    if (known) return known;
    const file = join(this.#folder, MODELS, type);
    const module = (await import(pathToFileURL(`${file}.js`).href)) as Record<
      string,
      { getAttributeTypeMap(): readonly Field[] }
    >;
    const fields = module[type]?.getAttributeTypeMap() ?? [];
    // Only the types say which fields have to be there.
    const required = readFileSync(`${file}.d.ts`, 'utf8').matchAll(/^ {4}'(\w+)': /gm);
    const model = { fields, required: new Set([...required].map(([, name = '']) => name)) };
    this.#models.set(type, model);
    return model;
  }
}
