import { normalisedPassword } from './domain/password-rules.ts';

/** Lends the bytes of a password, and wipes them. The text they come from is Node's, and stays until it is collected. */
export async function withPassword<T>(password: string, work: (bytes: Buffer) => Promise<T>): Promise<T> {
  const bytes = Buffer.from(normalisedPassword(password));
  try {
    return await work(bytes);
  } finally {
    bytes.fill(0);
  }
}
