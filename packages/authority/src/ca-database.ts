import { AppError } from '@sealtrack/errors/app-error';

/**
 * What was issued, as `openssl ca` keeps it (its index.txt): a line for each certificate, six fields with tabs between.
 * The dates are kept as they were written.
 */
export interface DatabaseEntry {
  /** Valid, revoked, or expired as far as somebody has marked it so: the date alone decides. */
  readonly status: 'V' | 'R' | 'E';
  /** YYMMDDHHMMSSZ until 2049, then YYYYMMDDHHMMSSZ. */
  readonly expires: string;
  /** The time of the same form, and behind a comma the reason where there is one; empty when it was not revoked. */
  readonly revoked: string;
  /** Upper-case hex, whole bytes. */
  readonly serial: string;
  /** Nobody has ever written anything but "unknown" here. */
  readonly file: string;
  /** The subject as `/C=DE/CN=name`. */
  readonly subject: string;
}

export interface RevocationRecord {
  readonly at: Date;
  /** As OpenSSL writes it, such as `keyCompromise`; undefined where none was given. */
  readonly reason: string | undefined;
}

const TIME = /^(\d{2}|\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/;

/** Throws CONFIG_INVALID, which names the line. */
export function parseDatabase(text: string, path: string): DatabaseEntry[] {
  const serials = new Set<string>();
  return text.split('\n').flatMap((line, at) => {
    if (line === '' || line.startsWith('#')) return [];
    const entry = parseLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    if (entry === undefined) throw damaged(path, at + 1, 'is not of the form that openssl ca writes');
    if (serials.has(entry.serial)) throw damaged(path, at + 1, 'has a serial number that is there already');
    serials.add(entry.serial);
    return [entry];
  });
}

function parseLine(line: string): DatabaseEntry | undefined {
  const [status, expires = '', revoked = '', serial = '', file = '', subject, ...more] = line.split('\t');
  const isKnown = status === 'V' || status === 'R' || status === 'E';
  const isRevoked = TIME.test(revoked.split(',', 1)[0] ?? '');
  if (!isKnown || subject === undefined || more.length > 0) return undefined;
  if (!TIME.test(expires) || !/^([0-9A-Fa-f]{2})+$/.test(serial)) return undefined;
  // OpenSSL drops a revocation's date when it marks a certificate as expired.
  if (status === 'R' ? !isRevoked : status === 'V' && revoked !== '') return undefined;
  return { status, expires, revoked, serial: serial.toUpperCase(), file, subject };
}

export const formatDatabase = (entries: readonly DatabaseEntry[]): string =>
  entries
    .map(({ status, expires, revoked, serial, file, subject }) =>
      [status, expires, revoked, serial, file, subject].join('\t'),
    )
    .map((line) => `${line}\n`)
    .join('');

export const newEntry = (serial: string, notAfter: Date, subject: string): DatabaseEntry => ({
  ...{ status: 'V', expires: formatTime(notAfter), revoked: '' },
  ...{ serial, file: 'unknown', subject },
});

export const revokedEntry = (entry: DatabaseEntry, at: Date, reason: string | undefined): DatabaseEntry => ({
  ...entry,
  status: 'R',
  revoked: reason === undefined ? formatTime(at) : `${formatTime(at)},${reason}`,
});

export const expiryOf = ({ expires }: DatabaseEntry): Date => toDate(expires);

export function revocationOf({ status, revoked }: DatabaseEntry): RevocationRecord | undefined {
  if (status !== 'R') return undefined;
  // Behind a third part, such as the time of a key's compromise, is nothing that a list here can say.
  const [at = '', reason] = revoked.split(',');
  return { at: toDate(at), reason };
}

export function formatTime(at: Date): string {
  const digits = at.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return at.getUTCFullYear() < 2050 ? digits.slice(2) : digits;
}

function toDate(text: string): Date {
  const [, year = '', ...rest] = TIME.exec(text) ?? [];
  const [month = 1, day = 1, hour = 0, minute = 0, second = 0] = rest.map(Number);
  // Two digits are of 1950 to 2049 (RFC 5280, 4.1.2.5.1).
  const century = year.length === 4 ? 0 : Number(year) < 50 ? 2000 : 1900;
  return new Date(Date.UTC(century + Number(year), month - 1, day, hour, minute, second));
}

const damaged = (path: string, line: number, problem: string): AppError =>
  new AppError('CONFIG_INVALID', `Line ${line} of ${path} ${problem}`, {
    fix: `Correct that line, or put a copy of the file back; ${path}.old is how it was before the last change.`,
    details: { file: path, line: String(line) },
  });
