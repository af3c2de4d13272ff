/** What somebody's Prometheus sees of a recording that passes through. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ServiceName } from '@sealtrack/launcher/system';
import { expect, test } from 'vitest';
import { header, put, stored } from './testing/media.ts';
import { run } from './testing/programs.ts';
import { createTenant } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { until } from './testing/until.ts';

const LISTEN = { SEALTRACK_METRICS_LISTEN: '127.0.0.1:0' };
const { system, doors } = await systemForThisFile({
  'media-encryptor': LISTEN,
  'metadata-processor': LISTEN,
  'crypto-server': LISTEN,
  'profile-config': LISTEN,
});
await createTenant(doors);

async function metricsOf(name: ServiceName): Promise<string> {
  const lines = (await readFile(system.services[name].logFile, 'utf8')).trimEnd().split('\n');
  const ready = lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'ready');
  const files = system.connections.filesOf('administrator');
  const { stdout } = await run('curl', [
    ...['--silent', '--fail', '--cacert', files?.trustedCa ?? ''],
    ...['--cert', files?.certificate ?? '', '--key', files?.certificateKey ?? ''],
    `https://${ready.addresses.metrics}/metrics`,
  ]);
  return stdout.toString();
}

const total = async (name: ServiceName, metric: string) =>
  Number(new RegExp(`^${metric} (\\d+)$`, 'm').exec(await metricsOf(name))?.[1]);

const encrypted = () => total('media-encryptor', 'sealtrack_recordings_encrypted_total');
const indexed = () => total('metadata-processor', 'sealtrack_recordings_indexed_total');

test('a recording that is sent twice is encrypted once and indexed once', async () => {
  const before = await encrypted();
  expect(await indexed()).toBe(before);
  const [head, media] = [header(), Buffer.alloc(100_000, 7)];
  await put(doors, head, media);
  await put(doors, head, media);
  await stored(doors, head);
  expect(await encrypted()).toBe(before + 1);
  // The index has a recording a moment before it is counted.
  await put(doors, header(), media);
  await until('the next one is counted', async () => (await indexed()) >= before + 2);
  expect(await indexed()).toBe(before + 2);
});

test('docs/operations.md has every metric, and every service says how late its event loop is', async () => {
  const docs = await readFile(join(import.meta.dirname, '../../../docs/operations.md'), 'utf8');
  for (const name of Object.keys(system.services) as ServiceName[]) {
    const text = await metricsOf(name);
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    const own = [...text.matchAll(/^# TYPE (sealtrack_\w+)/gm)].map(([, metric]) => metric);
    expect(own.filter((metric) => !docs.includes(`| \`${metric}\` |`))).toEqual([]);
  }
});
