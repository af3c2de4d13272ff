import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChannelInterface } from '@grpc/grpc-js';
import { RESPONSES_AHEAD } from './tuning.ts';

type RawCall = ReturnType<ChannelInterface['createCall']>;

/** How many messages of one response were read that nobody took yet. */
interface ReadAhead {
  unread: number;
  /** Reads on; there while it may not. */
  waiting: (() => void) | undefined;
}

const reading = new AsyncLocalStorage<ReadAhead>();

/** A call that reads no more while RESPONSES_AHEAD messages lie there; grpc-js would have 16 of them lie. */
function paced(call: RawCall, ahead: ReadAhead): RawCall {
  const start = call.start.bind(call);
  const startRead = call.startRead.bind(call);
  call.startRead = () => {
    if (ahead.unread < RESPONSES_AHEAD) startRead();
    else ahead.waiting = startRead;
  };
  call.start = (metadata, listener) =>
    start(metadata, {
      onReceiveMetadata: listener.onReceiveMetadata.bind(listener),
      onReceiveStatus: listener.onReceiveStatus.bind(listener),
      onReceiveMessage(message) {
        ahead.unread += 1;
        listener.onReceiveMessage(message);
      },
    });
  return call;
}

/** Has the calls that `readPaced` makes on this channel read no further ahead than it lets them. */
export function pace<Channel extends ChannelInterface>(channel: Channel): Channel {
  const createCall = channel.createCall.bind(channel);
  channel.createCall = (...args) => {
    const call = createCall(...args);
    const ahead = reading.getStore();
    return ahead === undefined ? call : paced(call, ahead);
  };
  return channel;
}

/** The messages of a response as they are taken, of a call that begins when the first one is asked for. */
export async function* readPaced<Message>(
  responses: AsyncGenerator<Message, void, undefined>,
): AsyncGenerator<Message, undefined, undefined> {
  const ahead: ReadAhead = { unread: 0, waiting: undefined };
  try {
    let next = await reading.run(ahead, () => responses.next());
    while (next.done !== true) {
      ahead.unread -= 1;
      yield next.value;
      const { waiting } = ahead;
      ahead.waiting = undefined;
      waiting?.();
      next = await responses.next();
    }
    return undefined;
  } finally {
    // Nothing, where it has ended; otherwise whoever reads no more ends the call.
    await responses.return(undefined);
  }
}
