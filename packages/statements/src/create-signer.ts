import { signJws } from '@sealtrack/jose/jws';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';
import type { Signer } from './statement.ts';
import { LIFETIME_SECONDS, MAX_LENGTH, typOf } from './statement-format.ts';

/** Signs with the certificate that connections show, as it is at each statement; undefined in plaintext, where there is none. */
export function createSigner(transport: Transport, now: () => number = Date.now): Signer | undefined {
  if (transport === PLAINTEXT) return undefined;
  return {
    async sign(type, claims, { lasting = false } = {}) {
      const { chain, privateKey } = transport.identity();
      const iat = Math.floor(now() / 1000);
      const said = { ...claims, iat, ...(!lasting && { exp: iat + LIFETIME_SECONDS }) };
      const x5c = chain.map((der) => der.toString('base64'));
      const statement = await signJws(said, privateKey, { typ: typOf(type), x5c });
      if (statement.length > MAX_LENGTH) throw new RangeError('Nobody takes a statement of this length');
      return statement;
    },
  };
}
