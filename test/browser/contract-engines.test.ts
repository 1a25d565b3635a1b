import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { build } from 'esbuild';
import { newQuickJSWASMModuleFromVariant, type QuickJSSyncVariant } from 'quickjs-emscripten-core';
import { expect, it } from 'vitest';
import { visit } from '../../testing/browser.ts';
import { cleanUp } from '../../testing/browser-cleanup.ts';

cleanUp('of the file');

const ENTRY = fileURLToPath(new URL('../../testing/contract-engines.ts', import.meta.url));
const SEED = 1;
const PROGRAMS = 100;

/** A script that gives the digest: the same text for every engine, with nothing of a platform in it. */
async function script(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'contracts',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
  });
  return `${outputFiles[0]?.text}\ncontracts.digestOfContracts(${SEED}, ${PROGRAMS});`;
}

async function inQuickJs(code: string): Promise<unknown> {
  // Its declarations are those of a CommonJS module, and it is none.
  const engine = (await newQuickJSWASMModuleFromVariant(variant as unknown as QuickJSSyncVariant)).newContext();
  const result = engine.evalCode(code);
  const handle = result.error ?? result.value;
  const given = engine.dump(handle);
  handle.dispose();
  engine.dispose();
  return given;
}

it('contracts do the same, gas and words of failures included, in Node.js, in Chromium and in QuickJS', async () => {
  const code = await script();
  const inNode: unknown = runInNewContext(code);
  expect(inNode).toMatch(/^[0-9a-f]{64}$/);
  const { page } = await visit('data:text/html,');
  expect(await page.evaluate(code)).toBe(inNode);
  expect(await inQuickJs(code)).toBe(inNode);
});
