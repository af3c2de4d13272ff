import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import { certificateFacts } from './certificate-facts.ts';
import type { Material } from './material.ts';
import type { TlsLog } from './tls.ts';

const DAY_MS = 24 * 3_600_000;
/** From when on it is said: a month before, or with what does not last that long the last third of it. */
const NOTICE_MS = 30 * DAY_MS;

interface Lasting {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  say(state: 'runs out' | 'has run out', days: number): void;
}

/** Says once a day what is about to run out: the certificate of this process, and revocation lists. */
export function createExpiryWatch(log: TlsLog, now: () => number): (material: Material) => void {
  const saidAt = new Map<string, number>();
  return (material) => {
    for (const { id, from, to, say } of lasting(material, log)) {
      const left = to - now();
      const isSaid = now() - (saidAt.get(id) ?? Number.NEGATIVE_INFINITY) < DAY_MS;
      if (left > Math.min(NOTICE_MS, (to - from) / 3) || isSaid) continue;
      saidAt.set(id, now());
      say(left > 0 ? 'runs out' : 'has run out', Math.floor(left / DAY_MS));
    }
  };
}

const lasting = ({ own, crls }: Material, log: TlsLog): Lasting[] => [
  {
    id: own.fingerprint,
    from: own.notBefore,
    to: own.notAfter,
    say: (state, daysLeft) =>
      log[state === 'runs out' ? 'warn' : 'error'](
        { certificate: certificateFacts(own), daysLeft },
        `the certificate of this process ${state}: put a new one in its place`,
      ),
  },
  ...crls.flatMap((crl) =>
    crl.nextUpdate === undefined
      ? []
      : [
          {
            id: crl.fingerprint,
            from: crl.thisUpdate,
            to: crl.nextUpdate,
            say: (state: 'runs out' | 'has run out', daysLeft: number) =>
              log[state === 'runs out' ? 'warn' : 'error'](
                {
                  crl: {
                    issuer: distinguishedName(crl.issuer.der),
                    nextUpdate: new Date(crl.nextUpdate ?? 0).toISOString(),
                  },
                  daysLeft,
                },
                `a revocation list ${state}: put the next one in its place, or every peer of its CA is refused`,
              ),
          },
        ],
  ),
];
