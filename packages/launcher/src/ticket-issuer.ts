import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePem } from '@sealtrack/certificates/pem';
import { writeSecretFile } from '@sealtrack/cli/secret-file';
import { withIssuer, writeIssuers } from '@sealtrack/cli/tickets/add-to-issuers';
import { hasCode } from '@sealtrack/errors/app-error';
import { keyNameOf } from '@sealtrack/tickets/key-name';

/** Who makes playback tickets for a system on this machine, where there is no application. */
export interface TicketIssuer {
  /** What it is called in tickets (iss). */
  readonly issuer: string;
  /** Its private key, PKCS#8 in PEM. */
  readonly keyFile: string;
  /** For SEALTRACK_TICKET_ISSUERS; others may be in it as well. */
  readonly issuersFile: string;
}

const ISSUER = 'local';

/** Makes what is missing of it in the folder. It may make tickets for every tenant. */
export async function ensureTicketIssuer(dir: string): Promise<TicketIssuer> {
  const keyFile = join(dir, 'ticket-key.pem');
  const issuersFile = join(dir, 'ticket-issuers.json');
  await makeKey(keyFile).catch((error: unknown) => {
    if (!hasCode(error, 'OBJECT_EXISTS')) throw error;
  });
  const pem = await readFile(keyFile);
  const publicKey = createPublicKey(createPrivateKey(pem));
  pem.fill(0);
  const kid = keyNameOf(publicKey);
  const issuers = await readFile(issuersFile).catch(() => undefined);
  if (issuers?.includes(kid) !== true) {
    const { crv, x, y } = publicKey.export({ format: 'jwk' });
    const own = { id: ISSUER, tenants: ['*'], key: { kid, kty: 'EC', crv, x, y } } as const;
    await writeIssuers(issuersFile, withIssuer(issuersFile, issuers, own));
  }
  return { issuer: ISSUER, keyFile, issuersFile };
}

async function makeKey(file: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const der = privateKey.export({ type: 'pkcs8', format: 'der' });
  const pem = encodePem('PRIVATE KEY', der);
  try {
    await writeSecretFile(file, pem);
  } finally {
    der.fill(0);
    pem.fill(0);
  }
}
