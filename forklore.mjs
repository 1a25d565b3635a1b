#!/usr/bin/env node
// What npm links as `forklore`. It is always there: npm remembers of a checkout that is not built yet that it has no such
// program, and goes on saying so after the build.
import { existsSync } from 'node:fs';

const program = new URL('dist/forklore.js', import.meta.url);
await import(existsSync(program) ? program.href : './scripts/forklore.mjs');
