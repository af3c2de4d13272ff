import { canonicalAddress } from '@sealtrack/tickets/same-address';
import { ISSUER_ID } from '@sealtrack/tickets/ticket-issuers';
import { MAX_TICKET_SECONDS } from '@sealtrack/tickets/ticket-settings';
import { InvalidArgumentError } from 'commander';

/** A positive whole number. */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d{1,15}$/.test(text) || count === 0)
    throw new InvalidArgumentError('Give a whole number from 1 up.');
  return count;
}

const HOUR_MS = 60 * 60 * 1000;
const UNITS: Readonly<Record<string, number>> = { h: HOUR_MS, d: 24 * HOUR_MS, w: 7 * 24 * HOUR_MS };

/** A moment to come: "30d" from now ("30" too), "2w", "12h"; or the beginning of a day in UTC, or a time with its offset. */
export function parseUntil(text: string, now: Date = new Date()): Date {
  const [, count, unit = 'd'] = /^([1-9]\d{0,4})([hdw])?$/.exec(text) ?? [];
  if (count !== undefined) return new Date(now.getTime() + Number(count) * (UNITS[unit] ?? 0));
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  try {
    return parseTime(isDay ? `${text}T00:00:00Z` : text);
  } catch {
    throw new InvalidArgumentError(
      'Give how long from now, such as 30d, 2w or 12h, or a date, such as 2026-03-01.',
    );
  }
}

/** As the approvers file of the crypto server may have it. */
export function parseApprover(text: string): string {
  if (!/^[a-z0-9][a-z0-9._@-]{0,63}$/.test(text))
    throw new InvalidArgumentError('Give 1 to 64 of a-z, 0-9, ".", "_", "@" and "-", such as anna.');
  return text;
}

/** As the file of ticket issuers may have it. */
export function parseIssuer(text: string): string {
  if (!ISSUER_ID.test(text))
    throw new InvalidArgumentError(
      'Give 1 to 128 of A-Z, a-z, 0-9, ".", "_", ":", "/", "@" and "-", such as crm.acme.example.',
    );
  return text;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Seconds, up to a day. */
export function parseDuration(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,5})([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? Number.NaN);
  if (!(seconds <= MAX_TICKET_SECONDS))
    throw new InvalidArgumentError('Give how long, such as 10m, 90s or 1h; a day at most.');
  return seconds;
}

export function parseAddress(text: string): string {
  if (canonicalAddress(text) === undefined)
    throw new InvalidArgumentError('Give an IP address, such as 192.0.2.7 or 2001:db8::7.');
  return text;
}

export function parseWebUrl(text: string): string {
  if (!/^https?:\/\/[^?#]+$/.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('Give an address such as https://play.acme.example.');
  return text;
}

/** Collects NAME=VALUE, given several times. */
export function parseAttribute(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Give name=value, such as caller=+4930123456.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

export function parseTime(text: string): Date {
  const time = new Date(text);
  // Without an offset it would mean something else on another machine.
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('Give a time with its offset, such as 2026-03-01T14:05:00Z.');
  return time;
}

/** A day, which begins at midnight in UTC, or a time. */
export const parseMoment = (text: string): Date =>
  parseTime(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);

export interface Range {
  readonly offset: bigint;
  /** 0 is to the end. */
  readonly length: bigint;
}

/** OFFSET-END, both included, or OFFSET- to the end, as in HTTP (RFC 9110, section 14.1.2). */
export function parseRange(text: string): Range {
  const [, from, to] = /^(\d{1,18})-(\d{0,18})$/.exec(text) ?? [];
  const bad = new InvalidArgumentError(
    'Give OFFSET-END, such as 0-999 for the first 1,000 bytes, or OFFSET-.',
  );
  if (from === undefined || to === undefined) throw bad;
  const offset = BigInt(from);
  if (to === '') return { offset, length: 0n };
  if (BigInt(to) < offset) throw bad;
  return { offset, length: BigInt(to) - offset + 1n };
}
