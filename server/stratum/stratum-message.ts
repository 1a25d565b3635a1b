/** What a mining program sends: a call of a method. */
export interface StratumRequest {
  /** As it came; the answer carries the same. */
  readonly id: string | number | null;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Codes of refusals, as pools have used them since the first one. */
export const STRATUM_ERRORS = {
  other: 20,
  staleJob: 21,
  duplicateShare: 22,
  lowDifficultyShare: 23,
  unauthorized: 24,
  notSubscribed: 25,
} as const;

/** Why a request is refused. */
export class StratumRefusal extends Error {
  readonly kind: keyof typeof STRATUM_ERRORS;

  constructor(kind: keyof typeof STRATUM_ERRORS, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What a connection sends is not this protocol. */
export class NotStratumError extends Error {}

/** Reads a line. Throws `NotStratumError` for anything but a JSON object with a method and a list of parameters. */
export function parseRequest(line: string): StratumRequest {
  const value = parseJson(line);
  if (typeof value !== 'object' || value === null || !('method' in value) || typeof value.method !== 'string') {
    throw new NotStratumError('a line without a method');
  }
  const params = 'params' in value ? value.params : [];
  if (!Array.isArray(params)) throw new NotStratumError('parameters that are no list');
  const id = 'id' in value ? value.id : null;
  return { id: typeof id === 'string' || typeof id === 'number' ? id : null, method: value.method, params };
}

/** An answer, as a line. */
export function resultLine(id: StratumRequest['id'], result: unknown): string {
  return `${JSON.stringify({ id, result, error: null })}\n`;
}

/** A refusal, as a line: the code, the reason for people, and no details. */
export function refusalLine(id: StratumRequest['id'], { kind, message }: StratumRefusal): string {
  return `${JSON.stringify({ id, result: null, error: [STRATUM_ERRORS[kind], message, null] })}\n`;
}

/** What the node tells without being asked, as a line. */
export function notificationLine(method: string, params: readonly unknown[]): string {
  return `${JSON.stringify({ id: null, method, params })}\n`;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new NotStratumError('a line that is no JSON');
  }
}
