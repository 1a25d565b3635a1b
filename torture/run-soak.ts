import buildOnce from '../test/support/build-once.ts';
import { command } from './command.ts';
import { soak } from './soak.ts';
import { soakJson, soakTable } from './soak-report.ts';

// `npm run soak -- --minutes 30`: five real nodes, erratic miners, kills and cuts; one tip and exact supply at the end.

await command({ name: 'soak', amount: { name: 'minutes', default: 10 }, defaultJobs: 1 }, async (options, say) => {
  buildOnce();
  const { amount: minutes, seed } = options;
  const result = await soak({ minutes, seed, onProgress: say });
  return options.json ? soakJson(seed, result) : soakTable(result);
});
