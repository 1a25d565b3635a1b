import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { build } from 'esbuild';
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';
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
  const engine = (await newQuickJSWASMModuleFromVariant(variant)).newContext();
  const { value, error } = engine.evalCode(code);
  const given = engine.dump(error ?? value);
  (error ?? value)?.dispose();
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
