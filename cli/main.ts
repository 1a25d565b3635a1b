#!/usr/bin/env node
import { keepCompiledCode } from './compile-cache.ts';

keepCompiledCode(process.env);
// Not before: what is loaded earlier is compiled each time.
const { main } = await import('./program.ts');
process.exitCode = await main(process.argv, process.env);
