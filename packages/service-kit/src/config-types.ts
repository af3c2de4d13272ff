import { z } from 'zod';

/** The shapes that settings usually have; each with the message that its reader needs. */

/** host:port, the host a name, an IPv4 address or an IPv6 address in brackets. */
export const hostAndPort = z
  .string()
  .regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/, 'is not host:port, such as 127.0.0.1:7001')
  .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) <= 65_535, 'has a port over 65535');

/** Several of those with commas between them, each once. */
export const hostsAndPorts = z
  .string()
  .transform((text): readonly string[] => [...new Set(text.split(',').map((each) => each.trim()))])
  .refine(
    (all) => all.every((each) => hostAndPort.safeParse(each).success),
    'is not host:port, nor several with commas between them',
  );

const isUrlOf = (text: string, schemes: readonly string[]): boolean =>
  URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));
const anyOf = (schemes: readonly string[]): string => schemes.map((scheme) => `${scheme}://`).join(' or ');

/** An URL of one of the given schemes, such as ["redis", "rediss"]. */
export const urlOf = (schemes: readonly string[]) =>
  z.string().refine((text) => isUrlOf(text, schemes), `is not a URL that begins with ${anyOf(schemes)}`);

/** One such URL, or several with commas between them: the members of a cluster. */
export const urlsOf = (schemes: readonly string[]) =>
  z
    .string()
    .refine(
      (text) => text.split(',').every((url) => isUrlOf(url.trim(), schemes)),
      `is not a URL that begins with ${anyOf(schemes)}, nor several with commas between them`,
    );

/** A whole number in decimal digits, from `min` to `max`. */
export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'is not a whole number')
    .transform(Number)
    .refine((number) => number >= min && number <= max, `is not from ${min} to ${max}`);

/** Whole numbers in decimal digits with commas between them, one to `atMost`, each from `min` to `max`. */
export const wholeNumbers = (min: number, max: number, atMost: number) =>
  z
    .string()
    .regex(/^\d{1,15}(,\d{1,15})*$/, 'is not whole numbers with commas between them')
    .transform((text): readonly number[] => text.split(',').map(Number))
    .refine((numbers) => numbers.length <= atMost, `has more than ${atMost} numbers`)
    .refine(
      (numbers) => numbers.every((number) => number >= min && number <= max),
      `has a number that is not from ${min} to ${max}`,
    );

/** The path of a file or folder; whether it is there is for its user to find out. */
export const path = z.string().min(1);

/** The paths of files with commas between them. */
export const paths = z
  .string()
  .transform((text): readonly string[] => text.split(',').map((each) => each.trim()))
  .refine((all) => all.every((each) => each !== ''), 'has a path of nothing between its commas');

/** Names with commas between them, one to `atMost`, each once. */
export const names = (atMost: number) =>
  z
    .string()
    .transform((text): readonly string[] => [...new Set(text.split(',').map((each) => each.trim()))])
    .refine((all) => all.every((each) => each !== ''), 'has a name of nothing between its commas')
    .refine((all) => all.length <= atMost, `has more than ${atMost} names`);

/** on or off, as true and false. */
export const onOrOff = z
  .enum(['on', 'off'], 'is neither on nor off')
  .transform((text): boolean => text === 'on');
