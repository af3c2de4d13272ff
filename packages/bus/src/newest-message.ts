import type { Bus } from './bus.ts';
import { busError, isMissing } from './bus-errors.ts';
import { repeatedHeaders } from './stored-message.ts';

export interface StoredMessage {
  readonly subject: string;
  readonly sequence: number;
  readonly time: Date;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The newest message of the subject; undefined when there is none. Errors: BUS_UNAVAILABLE. */
export async function newestMessage(
  bus: Bus,
  stream: string,
  subject: string,
): Promise<StoredMessage | undefined> {
  try {
    const found = await bus.link.manager.streams.getMessage(stream, { last_by_subj: subject });
    if (found === null) return undefined;
    const { subject: at, seq: sequence, time, data: body } = found;
    return { subject: at, sequence, time, headers: repeatedHeaders({ headers: found.header }), body };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw busError(bus, `Reading ${stream}`, error);
  }
}
