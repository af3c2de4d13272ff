import { createBusStream } from '@sealtrack/audit-trail/write/bus-stream';
import { createAuditWriter } from '@sealtrack/audit-trail/write/writer';
import { connectBus } from '@sealtrack/bus/connect';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { MediaDecryptRequested } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { createSigner } from '@sealtrack/statements/create-signer';
import { median } from '../envelope/median.ts';
import { RECORD_BYTES } from './first-bytes.ts';
import { TENANT } from './library.ts';
import type { Stage } from './stage.ts';

const IN_FLIGHT = 64;
const A_TIME = 500;

/** Records a second, each acknowledged, so many under way at a time: chained and checkpointed, and as bare messages. */
export interface Appends {
  readonly chained: number;
  readonly bare: number;
  /** Records of a CPU second of the writing process. */
  readonly chainedPerCpuSecond: number;
  readonly barePerCpuSecond: number;
}

export async function measureAppends(
  { system, options }: Stage,
  say: (line: string) => void,
): Promise<Appends> {
  const transport = await system.connections.transportOf('crypto-server');
  await using bus = await connectBus({ transport, url: system.natsUrl, name: 'bench' });
  const log = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };
  await using writer = createAuditWriter({
    ...{ stream: createBusStream(bus), signer: createSigner(transport), source: 'bench', log },
  });
  const data = MediaDecryptRequested.fromPartial({
    ...{ tenantId: TENANT, recordingId: 'recording', mediaId: 'main', certificateId: 'c'.repeat(64) },
    ...{ caller: 'player.example at 127.0.0.1:12345', accessId: 'a'.repeat(36), action: 'play' },
  });
  const kind = EVENT_KINDS.mediaDecryptRequested;
  const subject = SUBJECTS.audit(TENANT, 'bench');
  const body = Buffer.alloc(RECORD_BYTES, 'a');
  const engines = {
    chained: () => writer.append({ subject, kind, data, traceparent: '' }),
    bare: async () => void (await bus.link.jetstream.publish(subject, body)),
  };
  const rates = { chained: [] as Rate[], bare: [] as Rate[] };
  // Twice as many as for the others: each is over soon.
  for (let round = 0; round < 2 * options.rounds; round++)
    for (const name of round % 2 === 0 ? (['chained', 'bare'] as const) : (['bare', 'chained'] as const))
      rates[name].push(await rateOf(engines[name]));
  const of = (name: keyof typeof rates, per: keyof Rate) => median(rates[name].map((rate) => rate[per]));
  const result: Appends = {
    chained: of('chained', 'perSecond'),
    bare: of('bare', 'perSecond'),
    chainedPerCpuSecond: of('chained', 'perCpuSecond'),
    barePerCpuSecond: of('bare', 'perCpuSecond'),
  };
  say(`records of the audit, 1/s: ${result.chained.toFixed(0)}; bare ${result.bare.toFixed(0)}`);
  return result;
}

interface Rate {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

async function rateOf(one: () => Promise<void>): Promise<Rate> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  let done = 0;
  const keepOn = async () => {
    while (performance.now() - start < A_TIME) {
      await one();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, keepOn));
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: done / ((performance.now() - start) / 1e3),
    perCpuSecond: done / ((user + system) / 1e6),
  };
}
