import { createPublicKey, type KeyObject } from 'node:crypto';
import { isTenantId } from '@sealtrack/ids/ids';
import { algorithmsFor } from '@sealtrack/jose/jws-algorithms';
import { parseJsonObject } from '@sealtrack/jose/strict-json';
import { z } from 'zod';

/** Who may make tickets, for which tenants. */
export interface TicketIssuer {
  readonly id: string;
  mayIssueFor(tenantId: string): boolean;
  /** The key that a ticket names by its kid; without one, the only key there is. */
  key(kid: string | undefined): KeyObject | undefined;
}

export type TicketIssuers = ReadonlyMap<string, TicketIssuer>;

/** What an issuer may be called; most often a host name. */
export const ISSUER_ID = /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$/;

const JWK = z.looseObject({ kid: z.string().min(1).max(256), kty: z.enum(['EC', 'RSA']) });
const PEM = z.strictObject({ kid: z.string().min(1).max(256), pem: z.string() });

/** `{"version": 1, "issuers": [{"id", "tenants": ["acme"] or ["*"], "keys": [a JWK with kid, or {"kid", "pem"}]}]}` */
export const ISSUERS_FILE = z.strictObject({
  version: z.literal(1),
  issuers: z
    .array(
      z.strictObject({
        id: z.string().regex(ISSUER_ID),
        tenants: z.array(z.string().refine((text): boolean => text === '*' || isTenantId(text))).min(1),
        keys: z
          .array(z.union([PEM, JWK]))
          .min(1)
          .max(16),
      }),
    )
    .max(10_000),
});

export type IssuersFile = z.infer<typeof ISSUERS_FILE>;
export type PublicKeyEntry = IssuersFile['issuers'][number]['keys'][number];

/** Throws an Error that says what is wrong, and with whom. */
export function parseTicketIssuers(file: Buffer): TicketIssuers {
  const said = parseJsonObject(file);
  if (said === undefined) throw new Error('it is no JSON object, or says something twice');
  const result = ISSUERS_FILE.safeParse(said);
  if (!result.success) throw new Error(z.prettifyError(result.error));
  const issuers = result.data.issuers.map(toIssuer);
  const byId = new Map(issuers.map((issuer) => [issuer.id, issuer]));
  if (byId.size < issuers.length) throw new Error('an issuer is in it twice: give one all of its keys');
  return byId;
}

function toIssuer({ id, tenants, keys }: IssuersFile['issuers'][number]): TicketIssuer {
  const byKid = new Map(keys.map((key) => [key.kid, publicKey(id, key)]));
  if (byKid.size < keys.length) throw new Error(`two keys of ${id} have the same kid`);
  const [only] = byKid.values();
  return {
    id,
    mayIssueFor: (tenantId) => tenants.includes('*') || tenants.includes(tenantId),
    key(kid) {
      if (kid !== undefined) return byKid.get(kid);
      return byKid.size === 1 ? only : undefined;
    },
  };
}

function publicKey(issuer: string, key: PublicKeyEntry): KeyObject {
  const which = `the key ${key.kid} of ${issuer}`;
  const text = 'pem' in key && typeof key.pem === 'string' ? key.pem : undefined;
  // OpenSSL would take the public half of either, and the private one would lie in a file that many read.
  if ('d' in key || text?.includes('PRIVATE KEY'))
    throw new Error(
      `${which} is a private key: give its public half, and make a new one, since this one was here`,
    );
  let found: KeyObject;
  try {
    found = text === undefined ? createPublicKey({ key: { ...key }, format: 'jwk' }) : createPublicKey(text);
  } catch {
    throw new Error(`${which} cannot be read`);
  }
  if (algorithmsFor(found) === undefined)
    throw new Error(`${which} is neither EC on P-256, P-384 or P-521, nor RSA of 2048 to 8192 bits`);
  return found;
}
