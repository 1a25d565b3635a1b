import type { Question } from './question.ts';
import { hashrate } from './questions/hashrate.ts';
import { workers } from './questions/workers.ts';

/** All of them, in the order in which they are asked. */
export const QUESTIONS: readonly Question[] = [hashrate, workers];
