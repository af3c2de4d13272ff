/** Where messages for one browser go. */
export interface EventSink<Message> {
  /** The browser has not taken what it was sent: what is sent now would wait in memory. */
  isBlocked(): boolean;
  /** Each as an event of its own. */
  send(messages: readonly Message[]): void;
  /** A browser comes again by itself. */
  end(): void;
}
