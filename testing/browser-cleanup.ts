import { afterAll, afterEach } from 'vitest';
import { closeBrowser, leavePages } from './browser.ts';
import { killPrograms, removeFolders } from './processes.ts';

/**
 * Registers the hooks of a file of browser tests: after each test its pages are closed, and what they did wrong fails it;
 * in the end the browser is closed. Apart from `browser.ts`, which is used outside of Vitest as well.
 * @param programs whether each test starts its own programs and folders, or all tests of the file share them
 */
export function cleanUp(programs: 'of each test' | 'of the file'): void {
  const isShared = programs === 'of the file';
  afterEach(async () => {
    try {
      await leavePages();
    } finally {
      if (!isShared) await endPrograms();
    }
  });
  afterAll(async () => {
    await closeBrowser();
    if (isShared) await endPrograms();
  });
}

async function endPrograms(): Promise<void> {
  await killPrograms();
  removeFolders();
}
