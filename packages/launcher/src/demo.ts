import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { forget, reap } from '@sealtrack/local-servers/reaper';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { askedConnections } from './connections.ts';
import { type DemoOptions, parseDemoOptions, USAGE } from './demo/options.ts';
import { createReport, type Report } from './demo/report.ts';
import { runDemo } from './demo/run-demo.ts';
import { saveLogs } from './demo/save-logs.ts';
import { describeFailure } from './describe-failure.ts';
import { listenForStop, type StopRequest } from './stop-signal.ts';
import { startSystem } from './system.ts';

/** A bus that somebody else runs may hold a tenant called demo, whose profile is not to be touched. */
const tenantId = (): string =>
  process.env.SEALTRACK_NATS_URL || process.env.SEALTRACK_REDIS_URL
    ? `demo-${randomBytes(4).toString('hex')}`
    : 'demo';

async function demo(
  options: DemoOptions & ReturnType<typeof askedConnections>,
  report: Report,
  stop: StopRequest,
): Promise<void> {
  const { dataDir: dir, transport, trustedCas } = options;
  await using system = new AsyncDisposableStack();
  await runDemo({
    ...options,
    tenantId: tenantId(),
    report,
    signal: stop.signal,
    startSystem: async () =>
      system.use(await startSystem({ dir, transport, trustedCas, signal: stop.signal })),
  });
}

async function main(): Promise<number> {
  const stop = listenForStop();
  const options = parseDemoOptions(process.argv.slice(2), process.env, new Date());
  if (options === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const asked = askedConnections(process.env);
  const report = createReport((text) => process.stdout.write(text), asked.transport === PLAINTEXT);
  // Removed even if this process is killed.
  reap('folder', options.dataDir);
  try {
    await demo({ ...options, ...asked }, report, stop);
    return 0;
  } catch (error) {
    const interrupted = stop.exitCode();
    if (interrupted !== undefined) {
      process.stderr.write(
        `\nStopped. Nothing of the demo is left running; what it had written is in ${options.out}.\n`,
      );
      return interrupted;
    }
    const logs = await saveLogs(options.dataDir, options.out);
    process.stderr.write(`\nThe demo failed at ${report.current()}.\n${describeFailure(error)}`);
    if (logs !== undefined) process.stderr.write(`logs: ${logs}\n`);
    return 1;
  } finally {
    await rm(options.dataDir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    forget('folder', options.dataDir);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(describeFailure(error));
  process.exitCode = error instanceof AppError && hasCode(error, 'INVALID_ARGUMENT') ? 2 : 1;
}
