import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { STREAMS } from '@sealtrack/contracts/subjects';
import type { Bus } from './bus.ts';
import { busError, isStreamMissing } from './bus-errors.ts';
import { STREAM_PLANS } from './stream-configs.ts';

export interface BusDescription {
  /** Of nats-server, such as "2.10.18". */
  readonly version: string;
  readonly jetStream: boolean;
  /** Every stream and bucket there should be; `found` is undefined when it is missing. */
  readonly streams: readonly StreamDescription[];
  /** How far the broker's clock is ahead of this one; undefined when it could not be asked. */
  readonly clockAheadMs: number | undefined;
}

export interface StreamDescription {
  readonly name: string;
  readonly found: { readonly messages: number; readonly bytes: number } | undefined;
}

/** The state of the bus, for people. Changes nothing that lasts. Errors: BUS_UNAVAILABLE. */
export async function describeBus(bus: Bus): Promise<BusDescription> {
  const { info } = bus.link.connection;
  const version = info?.version ?? '';
  if (info?.jetstream !== true) return { version, jetStream: false, streams: [], clockAheadMs: undefined };
  try {
    const streams = await Promise.all(STREAM_PLANS.map(({ name }) => describeStream(bus, name)));
    const hasEvents = streams.some(({ name, found }) => name === STREAMS.events && found !== undefined);
    return { version, jetStream: true, streams, clockAheadMs: hasEvents ? await clockAhead(bus) : undefined };
  } catch (error) {
    throw busError(bus, 'Asking for the state of the bus', error);
  }
}

async function describeStream(bus: Bus, name: string): Promise<StreamDescription> {
  try {
    const { state } = await bus.link.manager.streams.info(name);
    return { name, found: { messages: state.messages, bytes: state.bytes } };
  } catch (error) {
    if (isStreamMissing(error)) return { name, found: undefined };
    throw error;
  }
}

/** Brokers have no way to ask for the time, but say when they made a consumer. */
async function clockAhead(bus: Bus): Promise<number> {
  const { consumers } = bus.link.manager;
  const asked = Date.now();
  const info = await consumers.add(STREAMS.events, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.New,
    inactive_threshold: nanos(5_000),
    mem_storage: true,
    num_replicas: 1,
  });
  const answered = Date.now();
  await consumers.delete(STREAMS.events, info.name).catch(() => {});
  return new Date(info.created).getTime() - (asked + answered) / 2;
}
