import { writeFileSync } from 'node:fs';
import { printedSchema } from '../server/graphql/printed-schema.ts';

// Writes schema.graphql anew; a test fails when it does not fit the code.
writeFileSync(new URL('../schema.graphql', import.meta.url), printedSchema());
