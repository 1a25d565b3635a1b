/** The commands of a page, and after which of them it shows which output. */
export interface PageSteps {
  readonly commands: readonly string[];
  /** By the index of the last command before it. */
  readonly shown: ReadonlyMap<number, string>;
}

/** What is typed, and what is shown of it, in code blocks `sh` and `text` of Markdown. */
export function stepsOf(page: string): PageSteps {
  const commands: string[] = [];
  const shown = new Map<number, string>();
  for (const [, language, text = ''] of page.matchAll(/```(sh|text)\n([\s\S]*?)```/g)) {
    if (language === 'sh') commands.push(...text.trim().split('\n'));
    else shown.set(commands.length - 1, text);
  }
  return { commands, shown };
}

/** The end of what commands printed, as many lines as a page shows of it; addresses of regtest are left out there. */
export function asShown(outputs: readonly string[], text: string): string {
  const lines = outputs
    .join('')
    .replaceAll(/rlore1[a-z0-9]+/g, 'rlore1…')
    .trimEnd()
    .split('\n');
  return `${lines.slice(1 - text.split('\n').length).join('\n')}\n`;
}
