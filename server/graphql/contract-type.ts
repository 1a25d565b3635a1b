import type { Property, Scalar, ValueType } from '../../consensus/contract/types.ts';
import { builder } from './builder.ts';

const KINDS = {
  number: 'NUMBER',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  string: 'STRING',
  Address: 'ADDRESS',
} as const satisfies Record<Scalar, string>;

const ContractTypeKind = builder.enumType('ContractTypeKind', {
  description: 'What values of a type are, and how they are encoded: docs/contracts.md, section 5.',
  values: {
    NUMBER: { description: 'A whole number of at most 2^53 - 1 in magnitude.' },
    BIGINT: { description: 'A whole number of at most 2^255 - 1 in magnitude; in JSON its decimal digits.' },
    BOOLEAN: { description: 'True or false.' },
    STRING: { description: 'A text.' },
    ADDRESS: { description: 'An address; in JSON as it is shown.' },
    ARRAY: { description: 'A list of values of one type without parts.' },
    RECORD: { description: 'Values by the names of its properties; in JSON an object.' },
  } as const,
});

/** A type of a source, as data. */
export const ContractTypeRef = builder.objectRef<ValueType>('ContractType');
const ContractPropertyRef = builder.objectRef<Property>('ContractProperty');

ContractTypeRef.implement({
  description: 'The type of a value of a contract, as data: enough to encode one.',
  fields: (t) => ({
    kind: t.field({
      type: ContractTypeKind,
      description: 'What its values are.',
      resolve: (type) => {
        if (type.kind === 'scalar') return KINDS[type.scalar];
        return type.kind === 'array' ? 'ARRAY' : 'RECORD';
      },
    }),
    element: t.field({
      type: ContractTypeRef,
      nullable: true,
      description: 'Of an array: the type of its elements; null for others.',
      resolve: (type) => (type.kind === 'array' ? scalarType(type.of) : null),
    }),
    name: t.string({
      nullable: true,
      description: 'Of a record: what its `interface` is called; null for others.',
      resolve: (type) => (type.kind === 'record' ? type.name : null),
    }),
    properties: t.field({
      type: [ContractPropertyRef],
      nullable: true,
      description: 'Of a record: its properties, in the order in which their values are encoded; null for others.',
      resolve: (type) => (type.kind === 'record' ? [...type.properties] : null),
    }),
  }),
});

ContractPropertyRef.implement({
  description: 'A property of a record.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name.' }),
    type: t.field({
      type: ContractTypeRef,
      description: 'The type of its value, which has no parts.',
      resolve: ({ type }) => scalarType(type),
    }),
  }),
});

function scalarType(scalar: Scalar): ValueType {
  return { kind: 'scalar', scalar };
}
