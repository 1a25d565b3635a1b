import { afterAll, afterEach, describe, it } from 'vitest';
import { closeBrowser, leavePages } from '../../testing/browser.ts';
import { doLesson } from '../../testing/lesson.ts';
import { killPrograms, removeFolders } from '../../testing/processes.ts';

/** Who teaches does it in front of others: it has to work each time. */
const TIMES = 10;
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

describe('the lesson of the README, on the page', () => {
  it.each(Array.from({ length: TIMES }, (_, index) => index + 1))(
    'works from a fresh start, time %i',
    { timeout: LESSON_LIMIT_MS },
    doLesson,
  );
});
