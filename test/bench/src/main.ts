import { benchIngest } from './ingest/bench-ingest.ts';
import { type Measurement, printTable } from './report.ts';

const BENCHES: Readonly<Record<string, (say: (line: string) => void) => Promise<Measurement[]>>> = {
  ingest: benchIngest,
};

const args = process.argv.slice(2);
const json = args.includes('--json');
const [name = ''] = args.filter((arg) => !arg.startsWith('--'));
const bench = BENCHES[name];
if (bench === undefined) {
  console.error(`usage: npm run bench -- <${Object.keys(BENCHES).join('|')}> [--json]`);
  process.exit(2);
}
// A goal that is missed is a figure, not a failure: timing never decides a build.
const rows = await bench((line) => console.error(line));
if (json) for (const row of rows) console.log(JSON.stringify(row));
else printTable(rows);
process.exit(0);
