import { afterAll, afterEach, describe, it } from 'vitest';
import { closeBrowser, leavePages } from '../support/browser.ts';
import { killPrograms, removeFolders } from '../support/processes.ts';
import { doLesson } from './lesson.ts';

/** Proof of work of the default network, of ten blocks or so. */
const LESSON_LIMIT_MS = 600_000;

afterEach(async () => {
  try {
    await leavePages();
  } finally {
    await killPrograms();
    removeFolders();
  }
});
afterAll(closeBrowser);

describe('the lesson of the README', () => {
  it('is done on the page, from a fresh start: cut, mine, heal', { timeout: LESSON_LIMIT_MS }, doLesson);
});
