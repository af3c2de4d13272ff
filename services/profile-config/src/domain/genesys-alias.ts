/** `rcs_<tenant>:<n>:<Issuer DN>:<serial>`, as the Recording Crypto Server calls a certificate. */
export interface GenesysAlias {
  readonly tenant: string;
  readonly issuer: string;
  /** As it stands there: in hex, or in decimal digits. */
  readonly serial: string;
}

/** The issuer may have colons of its own. */
const ALIAS = /^rcs_([^:]+):\d+:(.+):(?:0x)?([0-9a-f]+)$/i;

export function parseAlias(text: string): GenesysAlias | undefined {
  const [, tenant, issuer, serial] = ALIAS.exec(text.trim()) ?? [];
  if (tenant === undefined || issuer === undefined || serial === undefined) return undefined;
  return { tenant, issuer, serial };
}

export const formatAlias = (tenant: string, n: number, issuer: string, serial: string): string =>
  `rcs_${tenant}:${n}:${issuer}:${serial}`;

/** A serial number in lower-case hex without leading zeros, which systems put or leave out as they like. */
export const plainSerial = (hex: string): string => hex.toLowerCase().replace(/^0+(?=.)/, '');

/** Every number that it can stand for: of digits alone nobody can tell whether they are hex. */
export function serialsOf(text: string): string[] {
  const decimal = /^\d+$/.test(text) ? [BigInt(text).toString(16)] : [];
  return [...new Set([plainSerial(text), ...decimal])];
}
