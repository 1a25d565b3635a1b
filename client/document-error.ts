/** Why a document is not asked: it is no GraphQL, holds none or several operations, or one that does not end. */
export type DocumentProblem = 'syntax' | 'operations' | 'subscription';

/** A text is no document with one query or mutation; the message says why, for people, and the problem for programs. */
export class DocumentError extends Error {
  readonly problem: DocumentProblem;

  constructor(problem: DocumentProblem, message: string) {
    super(message);
    this.name = 'DocumentError';
    this.problem = problem;
  }
}
