/** What somebody's Prometheus sees of a recording that passes through. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { ServiceName } from '@sealtrack/launcher/system';
import { connectRpc } from '@sealtrack/rpc/client';
import { expect, test } from 'vitest';
import { watchEvents } from './testing/events.ts';
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
  playback: LISTEN,
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

test('a call that its caller may not make is counted, and whoever wanted to listen is on record', async () => {
  const head = header();
  const transport = await system.connections.transportOf('administrator');
  await using decryption = connectRpc(DecryptionServiceDefinition, system.addresses.crypto, { transport });
  await using audit = await watchEvents(doors, 'audit.>');
  const denied = () => total('crypto-server', 'sealtrack_access_denied_total\\{action="media.play"\\}');
  expect(await denied()).toBe(0);
  const listening = Array.fromAsync(decryption.decryptMedia(head));
  // There is no such recording, which nobody learns who may not listen.
  await expect(listening).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(await denied()).toBe(1);
  const isIt = ({ recordingId }: { recordingId: string }) => recordingId === head.recordingId;
  expect(await audit.first(EVENT_KINDS.accessDenied, isIt)).toMatchObject({
    ...{ tenantId: 'demo', action: 'media.play', code: 'PERMISSION_DENIED' },
    caller: expect.stringContaining('administrator'),
  });
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
