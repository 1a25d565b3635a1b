// `node scripts/side-by-side.mjs typecheck lint`: runs scripts of package.json at the same time. What each one prints
// stands in one piece, under its name, once it has ended; the exit code is 0 when all of theirs are.
import { spawn } from 'node:child_process';

/** Runs one script to its end, prints its output, and resolves with whether it succeeded. */
function run(name) {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn('npm', ['run', '--silent', name], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // On Windows npm is a batch file.
      shell: process.platform === 'win32',
    });
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
      process.stdout.write(`${name}: ${code === 0 ? 'ok' : 'FAILED'} after ${seconds} s\n`);
      process.stdout.write(Buffer.concat(output));
      resolve(code === 0);
    });
  });
}

const succeeded = await Promise.all(process.argv.slice(2).map(run));
if (succeeded.includes(false)) process.exitCode = 1;
