import { AppError } from '@sealtrack/errors/app-error';

/** NATS takes messages of 1 MB, headers and the copy in a dead letter included. */
const MAX_BYTES = 900_000;

interface Message<T> {
  toJSON(message: T): unknown;
  fromJSON(json: unknown): T;
}

interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  readonly revision: number;
}

/** The value of an entry: proto3 JSON, without the revision, which the bucket has. Throws INVALID_ARGUMENT. */
export function encodeEntry<T>(message: Message<T>, content: T): Uint8Array {
  const value = Buffer.from(JSON.stringify(message.toJSON(content)));
  if (value.length <= MAX_BYTES) return value;
  throw new AppError('INVALID_ARGUMENT', 'These are more certificates than fit into one entry', {
    fix: 'Assign fewer certificates, or ones with shorter chains.',
    details: { field: 'certificate_ids', bytes: String(value.length), max_bytes: String(MAX_BYTES) },
  });
}

/** Throws CONFIG_INVALID. */
export function decodeEntry<T>(message: Message<T>, { key, value, revision }: Entry): T {
  try {
    return message.fromJSON(JSON.parse(Buffer.from(value).toString()));
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `The entry ${key} of the bucket profiles cannot be read`, {
      fix: `Somebody else wrote it. Take it away (nats kv del profiles ${key}), and save it anew.`,
      details: { key, revision: String(revision) },
      cause,
    });
  }
}
