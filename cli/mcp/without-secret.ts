const SHOWN = '[token]';

/**
 * The same data with a secret replaced wherever a text, or the name of a field, holds it. Whoever is shown the data is not the
 * one who may know the secret.
 */
export function withoutSecret<Data>(data: Data, secret: string): Data {
  return replaced(data, secret) as Data;
}

function replaced(value: unknown, secret: string): unknown {
  if (typeof value === 'string') return value.replaceAll(secret, SHOWN);
  if (Array.isArray(value)) return value.map((each) => replaced(each, secret));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name.replaceAll(secret, SHOWN), replaced(each, secret)]),
  );
}
