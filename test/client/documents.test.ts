import { readdirSync, readFileSync } from 'node:fs';
import { buildSchema, isNonNullType, parse, print, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { NULLABLE_FIELDS } from '../../client/answer-data.ts';
import * as pageDocuments from '../../client/documents.ts';
import * as operationDocuments from '../../client/operation-documents.ts';
import { schemaTypes } from '../../scripts/schema-types.ts';

const root = new URL('../../', import.meta.url);
const sdl = readFileSync(new URL('schema.graphql', root), 'utf8');
const schema = buildSchema(sdl);

describe('the documents of the client', () => {
  it.each(Object.entries({ ...pageDocuments, ...operationDocuments }))(
    '%s asks for what the schema has',
    (_name, document) => {
      expect(validate(schema, parse(print(document)))).toEqual([]);
    },
  );

  it('may be answered with null where the schema says so', () => {
    const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
    const fields = roots.flatMap((root) => Object.values(root?.getFields() ?? {}));
    const nullable = fields.filter(({ type }) => !isNonNullType(type)).map(({ name }) => name);
    expect(nullable.sort()).toEqual([...NULLABLE_FIELDS].sort());
  });

  it('are all in two files', () => {
    const files = ['client', 'dashboard', 'cli'].flatMap((room) =>
      readdirSync(new URL(`${room}/`, root), { recursive: true, encoding: 'utf8' }).map((name) => `${room}/${name}`),
    );
    const asking = files
      .filter((name) => /\.(?:ts|svelte)$/.test(name))
      .filter((name) => /\bgraphql\(\s*`/.test(readFileSync(new URL(name, root), 'utf8')));
    expect(asking).toEqual(['client/documents.ts', 'client/operation-documents.ts']);
  });

  it('have types that were made from the schema as it is', () => {
    expect(readFileSync(new URL('client/graphql-env.d.ts', root), 'utf8')).toBe(schemaTypes(sdl));
  });
});
