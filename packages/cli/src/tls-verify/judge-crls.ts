import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import type { Crl } from '@sealtrack/certificates/x509/crl';
import type { X509 } from '@sealtrack/certificates/x509/parse-x509';
import { type Finding, ok, problem, warning } from '../doctor/finding.ts';
import { formatTime } from '../units.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const SOON_MS = 3 * DAY_MS;
const NEW_LIST = 'Have the CA write a new one: sealtrack tls crl.';

export interface CrlFile {
  readonly file: string;
  /** Undefined when it cannot be read, for the reason in `wrong`. */
  readonly crl: Crl | undefined;
  readonly wrong?: string;
}

/** Each list by itself: who wrote it, and whether it is still good. Whether it is believed decides the chain. */
export const judgeCrls = (files: readonly CrlFile[], chain: readonly X509[], at: Date): Finding[] =>
  files.map(({ file, crl, wrong }) => {
    if (crl === undefined)
      return problem('CRL', `${file} is no CRL: it ${wrong ?? 'cannot be read'}`, NEW_LIST);
    return judgeCrl(file, crl, chain, at);
  });

function judgeCrl(file: string, crl: Crl, chain: readonly X509[], at: Date): Finding {
  const who = `${file}, of ${distinguishedName(crl.issuer.der)},`;
  const { nextUpdate, thisUpdate } = crl;
  if (nextUpdate === undefined)
    return problem('CRL', `${who} does not say when the next one comes`, NEW_LIST);
  const left = nextUpdate - at.getTime();
  const until = formatTime(new Date(nextUpdate));
  if (left < 0) return problem('CRL', `${who} ran out at ${until}: what it speaks of is refused`, NEW_LIST);
  if (chain.length > 0 && chain.every(({ issuer }) => issuer.key !== crl.issuer.key))
    return warning(
      'CRL',
      `${who} says nothing of this chain`,
      'Give the lists of the CAs in the chain, or leave it out.',
    );
  // A list that is written anew every day is not always about to run out.
  if (left < Math.min(SOON_MS, (nextUpdate - thisUpdate) / 4))
    return warning('CRL', `${who} runs out soon, at ${until}`, NEW_LIST);
  const revoked = crl.revoked.size;
  return ok('CRL', `${who} is good until ${until}, ${revoked} revoked`);
}
