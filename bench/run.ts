import { writeFileSync } from 'node:fs';
import { npmCommand } from '../simulator/command/command-line.ts';
import buildOnce from '../testing/build-once.ts';
import { killPrograms, removeFolders } from '../testing/processes.ts';
import { QUESTIONS } from './questions.ts';
import { describeMachine, isBusy, markdownPage, type Report, terminalTable } from './report.ts';

// `npm run bench`: all questions, and docs/benchmarks.md rewritten. `npm run bench -- NAME …`: these, on the terminal.

const RESULTS = new URL('results.json', import.meta.url);
const PAGE = new URL('../docs/benchmarks.md', import.meta.url);

const command = npmCommand('bench', 'Measures, and compares with baselines in the same run.')
  .argument('[questions...]', 'only these, on the terminal; all of them also rewrite docs/benchmarks.md')
  .addHelpText(
    'after',
    () => `\nQuestions:\n${QUESTIONS.map(({ name, title }) => `  ${name.padEnd(14)} ${title}`).join('\n')}`,
  );
const names: readonly string[] = command.parse().args;
const unknown = names.filter((name) => !QUESTIONS.some((question) => question.name === name));
if (unknown.length > 0) {
  const known = QUESTIONS.map(({ name }) => name).join(', ');
  command.error(`error: no benchmark is called ${unknown.join(', ')}; there are: ${known}`);
}

const machine = describeMachine();
process.stderr.write(`${machine}\n`);
if (isBusy()) process.stderr.write('warning: the machine is busy; figures will be low, and ratios uncertain\n');
// Nodes in processes of their own are the bundle that users run.
buildOnce();
const answers: Report['answers'][number][] = [];
for (const question of QUESTIONS) {
  if (names.length > 0 && !names.includes(question.name)) continue;
  process.stderr.write(`${question.name} …\n`);
  const startMs = performance.now();
  // A question that fails leaves no node behind either.
  const answer = await question.run().finally(killPrograms).finally(removeFolders);
  answers.push({ question, answer, seconds: (performance.now() - startMs) / 1_000 });
  process.stdout.write(`${terminalTable(question, answer)}\n\n`);
}
const report: Report = { machine, answers };
const json = answers.map(({ question: { name, title }, answer, seconds }) => ({ name, title, seconds, ...answer }));
writeFileSync(RESULTS, `${JSON.stringify({ machine: report.machine, answers: json }, null, 2)}\n`);
if (names.length === 0) writeFileSync(PAGE, markdownPage(report));
// Pools and sockets of the questions are closed; what a library keeps open must not keep the program.
process.exit(0);
