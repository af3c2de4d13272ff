// Runs until it is asked to stop, and says in a file how it went.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { listenForStop } from '../stop-signal.ts';

const [file = ''] = process.argv.slice(2);
const keepAlive = setInterval(() => {}, 1_000);
const { signal } = listenForStop();
console.log(JSON.stringify({ node: process.version, pid: process.pid, path: process.env.PATH }));
if (!signal.aborted) await once(signal, 'abort');
clearInterval(keepAlive);
writeFileSync(file, 'stopped in good order');
process.exitCode = 3;
