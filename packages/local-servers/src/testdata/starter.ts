// Starts a server and a process that ignores SIGTERM, says which, and waits to be killed or ends by itself.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from '../child.ts';
import { reap } from '../reaper.ts';
import { startRedis } from '../start-redis.ts';

const dir = process.argv[2] ?? '';
reap('folder', dir);
const redis = await startRedis({ dir, env: { ...process.env, SEALTRACK_REDIS_URL: '' } });
const stubborn = await startChild({
  command: process.execPath,
  args: ['--eval', "process.on('SIGTERM', () => {}); console.log('deaf'); setInterval(() => {}, 1000)"],
  logFile: `${dir}/stubborn.log`,
});
while (!readFileSync(`${dir}/stubborn.log`, 'utf8').includes('deaf')) await sleep(10);
console.log(JSON.stringify({ pids: [redis.pid, stubborn.pid] }));
if (process.argv[3] === 'wait') setInterval(() => {}, 1000);
