import { writeFileSync } from 'node:fs';
import { printedSchema } from '../server/graphql/printed-schema.ts';
import { schemaTypes } from './schema-types.ts';

// Writes schema.graphql, and its types for the client; a test fails when one of them does not fit the code.
const sdl = printedSchema();
writeFileSync(new URL('../schema.graphql', import.meta.url), sdl);
writeFileSync(new URL('../client/graphql-env.d.ts', import.meta.url), schemaTypes(sdl));
