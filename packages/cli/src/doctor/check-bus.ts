import { connectBus } from '@sealtrack/bus/connect';
import { type BusDescription, describeBus } from '@sealtrack/bus/describe-bus';
import { STREAMS } from '@sealtrack/contracts/subjects';
import { AppError } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { formatBytes } from '../units.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Certificates and events are judged by the time, so clocks that differ by more make confusing errors. */
const CLOCK_TOLERANCE_MS = 5_000;

/** NATS, JetStream, every stream and bucket, the dead letters that wait, and the clocks. */
export async function checkBus({ addresses, connections }: Context): Promise<Finding[]> {
  try {
    const url = addresses.of('nats');
    const transport = await connections.to('nats');
    await using bus = await connectBus({ transport, url, name: 'sealtrack-doctor' });
    return describe(await describeBus(bus), bus.link.address);
  } catch (error) {
    if (error instanceof AppError) return [problem('NATS', error.message, error.fix)];
    throw error;
  }
}

function describe(bus: BusDescription, address: string): Finding[] {
  const nats = ok('NATS', `nats-server ${bus.version} at ${address}`);
  if (!bus.jetStream)
    return [
      nats,
      problem(
        'JetStream',
        'not enabled',
        'Start nats-server with --jetstream, or add jetstream {} to its configuration.',
      ),
    ];
  return [nats, ...streams(bus), ...deadLetters(bus), ...clock(bus.clockAheadMs)];
}

function streams({ streams: all }: BusDescription): Finding[] {
  const missing = all.filter(({ found }) => found === undefined).map(({ name }) => name);
  if (missing.length > 0)
    return [
      problem('streams', `missing: ${missing.join(', ')}`, 'Start the services: each makes what is missing.'),
    ];
  const facts = all.map(
    ({ name, found }) => `${name} ${found?.messages ?? 0} (${formatBytes(found?.bytes ?? 0)})`,
  );
  return [ok('streams', facts.join(', '))];
}

function deadLetters({ streams: all }: BusDescription): Finding[] {
  const waiting = all.find(({ name }) => name === STREAMS.deadLetters)?.found?.messages ?? 0;
  if (waiting === 0) return [ok('dead letters', 'none')];
  const everyTenants = 'sealtrack events tail --subject "dead-letters.>" --from-start';
  return [
    warning(
      'dead letters',
      `${waiting} wait`,
      `See why: sealtrack captures dead-letters. Those of every tenant and service: ${everyTenants}`,
    ),
  ];
}

function clock(aheadMs: number | undefined): Finding[] {
  if (aheadMs === undefined) return [];
  const seconds = `${(Math.abs(aheadMs) / 1000).toFixed(1)} s ${aheadMs < 0 ? 'behind' : 'ahead'}`;
  if (Math.abs(aheadMs) <= CLOCK_TOLERANCE_MS) return [ok('clock', `that of NATS is ${seconds}`)];
  return [
    problem('clock', `that of NATS is ${seconds}`, 'Set both machines by NTP: timedatectl set-ntp true'),
  ];
}
