import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import Table from 'cli-table3';
import { type Answer, isMet, type Question, type Result } from './question.ts';

export interface Report {
  readonly machine: string;
  readonly answers: readonly { readonly question: Question; readonly answer: Answer; readonly seconds: number }[];
}

const GIB = 1024 ** 3;
/** Load for each core above which a machine is called busy. */
const BUSY_SHARE = 0.75;

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = (totalmem() / GIB).toFixed(0);
  const load = (loadavg()[0] ?? 0).toFixed(1);
  const system = `${process.platform} ${release()} ${process.arch}`;
  return `${availableParallelism()} cores of ${model}, ${memory} GiB, ${system}, Node.js ${process.version}, load ${load} at the start`;
}

/** Whether other programs load this machine enough to make figures low, or different from one round to the next. */
export function isBusy(): boolean {
  return (loadavg()[0] ?? 0) > availableParallelism() * BUSY_SHARE;
}

/** The results of one question for a terminal, ratios first. */
export function terminalTable({ title }: Question, answer: Answer): string {
  const { candidates, unit, results, table: figures, growth, notes } = answer;
  const table = new Table({ head: [title, '', ''], style: { head: [], border: [] } });
  for (const result of results) {
    const goal = isMet(result) === false ? `: ${goalOf(result)}` : '';
    table.push([result.what, shown(result), `${verdictOf(result)}${goal}`]);
  }
  for (const { label, median, spread, unit: own } of candidates) {
    table.push([`  ${label}`, `${figure(median)} ${own ?? unit}`, `± ${(spread * 50).toFixed(0)} %`]);
  }
  for (const row of figures ? [figures.columns, ...figures.rows] : []) table.push([...row]);
  const lines = [...obstaclesOf(results), ...(growth ?? []), ...(notes ?? [])].map((line) => `  ${line}`);
  return [table.toString(), ...lines].join('\n');
}

/** The whole run as a page of the documentation. */
export function markdownPage({ machine, answers }: Report): string {
  const rows = answers.flatMap(({ question, answer }) => answer.results.map((result) => ({ question, result })));
  const isRatio = ({ result }: (typeof rows)[number]): boolean => result.unit === '×';
  const summaryOf = (row: (typeof rows)[number]): string =>
    `| ${row.question.title}: ${row.result.what} | **${shown(row.result)}** | ${goalOf(row.result)} | ${verdictOf(row.result)} |`;
  const withGoal = rows.filter(({ result }) => result.goal !== null);
  const metCount = withGoal.filter(({ result }) => isMet(result)).length;
  const details = answers.map(({ question, answer, seconds }) =>
    [
      `## ${question.title}`,
      '',
      `\`npm run bench -- ${question.name}\` (${seconds.toFixed(0)} s)`,
      '',
      ...(answer.candidates.length > 0 ? ['| | median | spread |', '|---|--:|--:|'] : []),
      ...answer.candidates.map(
        ({ label, median, spread, unit }) =>
          `| ${label} | ${figure(median)} ${unit ?? answer.unit} | ± ${(spread * 50).toFixed(0)} % |`,
      ),
      '',
      ...obstaclesOf(answer.results).flatMap((line) => [line, '']),
      ...(answer.table ? [...markdownRows(answer.table), ''] : []),
      ...(answer.growth ?? []).map((line) => `- ${line}`),
      ...(answer.growth ? [''] : []),
      ...(answer.notes ?? []).flatMap((line) => [line, '']),
    ].join('\n'),
  );
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`, which takes about ten minutes. Ratios count: both sides of each were measured in turns in',
    'the same run. Absolute figures differ from machine to machine, and on a busy one from run to run. Figures are medians',
    'of several rounds; the spread is half the distance of their quartiles. The goals are what the project set itself.',
    '',
    `Machine: ${machine}. Commit: ${commit()}. Goals met: ${metCount} of ${withGoal.length}.`,
    '',
    '| ratio | result | goal | |',
    '|---|--:|--:|---|',
    ...rows.filter(isRatio).map(summaryOf),
    '',
    '| on this machine | result | goal | |',
    '|---|--:|--:|---|',
    ...rows.filter((row) => !isRatio(row)).map(summaryOf),
    '',
    ...details,
  ].join('\n');
}

function markdownRows({ columns, rows }: NonNullable<Answer['table']>): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(columns), `|---|${'--:|'.repeat(columns.length - 1)}`, ...rows.map(line)];
}

function obstaclesOf(results: readonly Result[]): string[] {
  const missed = results.filter((result) => isMet(result) === false && result.obstacle !== undefined);
  return missed.map(({ what, obstacle }) => `Why “${what}” misses its goal: ${obstacle}`);
}

export function figure(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: decimalsOf(value) });
}

function decimalsOf(value: number): number {
  if (value >= 100) return 0;
  return value >= 10 ? 1 : 2;
}

function shown({ value, unit }: Result): string {
  return `${figure(value)} ${unit}`;
}

function goalOf({ goal, unit }: Result): string {
  if (goal === null) return '—';
  return 'least' in goal ? `≥ ${figure(goal.least)} ${unit}` : `≤ ${figure(goal.most)} ${unit}`;
}

function verdictOf(result: Result): string {
  const met = isMet(result);
  if (met === null) return '';
  return met ? 'met' : 'missed';
}

function commit(): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
    // The page itself is being written.
    const changes = git('status', '--porcelain', '--', '.', ':!docs/benchmarks.md');
    return `${git('rev-parse', '--short', 'HEAD')}${changes === '' ? '' : ' with changes'}`;
  } catch {
    return 'unknown';
  }
}
