/** What this package says to the log: satisfied by a pino logger, and by a few lines in a test. */
export interface RpcLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
