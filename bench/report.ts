import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import Table from 'cli-table3';
import { type Answer, isMet, type Question, type Result } from './question.ts';

export interface Report {
  readonly machine: string;
  readonly answers: readonly { readonly question: Question; readonly answer: Answer; readonly seconds: number }[];
}

const GIB = 1024 ** 3;

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = (totalmem() / GIB).toFixed(0);
  return `${availableParallelism()} cores of ${model}, ${memory} GiB, ${process.platform} ${process.arch}, Node.js ${process.version}`;
}

/** The results of one question for a terminal, ratios first. */
export function terminalTable({ title }: Question, { candidates, unit, results, growth, notes }: Answer): string {
  const table = new Table({ head: [title, '', ''], style: { head: [], border: [] } });
  for (const result of results) table.push([result.what, shown(result), verdictOf(result)]);
  for (const { label, median, spread } of candidates) {
    table.push([`  ${label}`, `${figure(median)} ${unit}`, `± ${(spread * 50).toFixed(0)} %`]);
  }
  const lines = [...(growth ?? []), ...(notes ?? [])].map((line) => `  ${line}`);
  return [table.toString(), ...lines].join('\n');
}

/** The whole run as a page of the documentation. */
export function markdownPage({ machine, answers }: Report): string {
  const summaries = answers.flatMap(({ question, answer }) =>
    answer.results.map(
      (result) =>
        `| ${question.title}: ${result.what} | **${shown(result)}** | ${goalOf(result)} | ${verdictOf(result)} |`,
    ),
  );
  const details = answers.map(({ question, answer, seconds }) =>
    [
      `## ${question.title}`,
      '',
      `\`npm run bench -- ${question.name}\` (${seconds.toFixed(0)} s)`,
      '',
      '| | median | spread |',
      '|---|--:|--:|',
      ...answer.candidates.map(
        ({ label, median, spread }) =>
          `| ${label} | ${figure(median)} ${answer.unit} | ± ${(spread * 50).toFixed(0)} % |`,
      ),
      '',
      ...[...(answer.growth ?? []), ...(answer.notes ?? [])].flatMap((line) => [line, '']),
    ].join('\n'),
  );
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`. Ratios count: both sides of each were measured in turns in the same run. Absolute figures',
    'differ from machine to machine.',
    '',
    `Machine: ${machine}. Commit: ${commit()}.`,
    '',
    '| question | result | goal | |',
    '|---|--:|--:|---|',
    ...summaries,
    '',
    ...details,
  ].join('\n');
}

export function figure(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
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
  return met ? 'met' : `missed: ${goalOf(result)}`;
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}
