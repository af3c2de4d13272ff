import type { EventSink } from '../event-sink.ts';

/** A browser that takes everything, but while it is blocked. */
export interface NotedSink<Message> extends EventSink<Message> {
  readonly sent: Message[];
  blocked: boolean;
  isEnded: boolean;
}

export function noteSink<Message>(): NotedSink<Message> {
  const sent: Message[] = [];
  const sink: NotedSink<Message> = {
    ...{ sent, blocked: false, isEnded: false },
    isBlocked: () => sink.blocked,
    send: (messages) => void sent.push(...messages),
    end: () => {
      sink.isEnded = true;
    },
  };
  return sink;
}
