/** Part of a page that a reader does something with. */
export type PageStep =
  /** A line that is typed, and what the page shows of its output, and of those directly before it. */
  | { readonly kind: 'command'; readonly line: string; readonly shown: string | undefined }
  /** A file, or one line of it, that is replaced. */
  | { readonly kind: 'file'; readonly path: string; readonly line: number | undefined; readonly text: string };

/**
 * What a page in Markdown has its reader do, in order: code blocks `sh` are typed, and `text` shows what was printed; others are
 * files where a path stands behind the language, such as `ts contracts/vote.ts`, or `ts contracts/vote.ts:20` for that line.
 */
export function stepsOf(page: string): readonly PageStep[] {
  const steps: PageStep[] = [];
  for (const [, language, place, text = ''] of page.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)) {
    if (language === 'sh') {
      steps.push(
        ...text
          .trim()
          .split('\n')
          .map((line) => ({ kind: 'command', line, shown: undefined }) as const),
      );
    } else if (language === 'text') {
      const last = steps.pop();
      if (last?.kind === 'command') steps.push({ ...last, shown: text });
    } else if (place !== undefined) {
      const [path = '', line] = place.split(':');
      steps.push({ kind: 'file', path, line: line === undefined ? undefined : Number(line), text });
    }
  }
  return steps;
}

/** The words of a command, as a shell reads them that has single quotes only. */
export function wordsOf(line: string): readonly string[] {
  return (line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", ''));
}

/** The end of what was printed, as many lines as a page shows of it. Addresses of regtest and ids are left out there. */
export function asShown(printed: string, shown: string): string {
  const lines = printed
    .replaceAll(/rlore1[a-z0-9]+/g, 'rlore1…')
    .replaceAll(/\b[0-9a-f]{64}\b/g, '…')
    .trimEnd()
    .split('\n');
  return `${lines.slice(1 - shown.split('\n').length).join('\n')}\n`;
}
