import { ecKeys, type Issuer, leaf, NOW, root, rsaKeys } from '@sealtrack/certificates/x509/testing/issue';
import { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { ProfileId, TenantId } from '@sealtrack/ids/ids';
import { createProfileWatch } from '../adapters/profile-watch.ts';
import { createCertificateProblem } from '../domain/certificate-problem.ts';
import { chooseProtection } from '../domain/choose-protection.ts';

/**
 * A process of its own for the bench `profiles`: what choosing the recipients of a recording costs, with three certificates
 * in each of a thousand profiles. Prints microseconds as one line of JSON.
 */

const PROFILES = 1_000;
const ROUNDS = 50;

const ca: Issuer = { name: 'Root', keys: ecKeys() };
const chain = [root(ca.name, ca.keys)];
const keys = Array.from({ length: 10 }, () => rsaKeys());
const certificateOf = (serial: number) => {
  const own = { name: `Sales ${serial}`, keys: keys[serial % keys.length] ?? rsaKeys() };
  return leaf(own, ca, { serial });
};
const ders = Array.from({ length: 3 * PROFILES }, (_, i) => certificateOf(i + 2));
const ids = Array.from({ length: PROFILES }, (_, i) => String(i + 1) as ProfileId);
const entries = ids.map((profileId, i) => {
  const certificates = ders.slice(3 * i, 3 * i + 3).map((der) => ({ der, chain }));
  const profile = IvrProfile.fromPartial({ tenantId: 'bench', profileId, suite: 'pkcs7', certificates });
  const value = Buffer.from(JSON.stringify(IvrProfile.toJSON(profile)));
  return { key: `bench.${profileId}`, revision: i + 1, value };
});

const nothing: readonly never[] = [];
const trust = { accept: 'any', roots: () => nothing, crls: () => nothing } as const;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const profiles = createProfileWatch({ trust, clock: () => NOW, log: silent });
profiles.startOn({ entries, revision: PROFILES, currentAt: NOW, savedAt: NOW });

const choose = (profileId: ProfileId): void => {
  const protection = chooseProtection(profiles.find('bench' as TenantId, profileId), 'voice', NOW);
  if (protection.kind !== 'sealed' || protection.recipients.length !== 3) throw new Error('Three are good');
};
/** Of each call, in microseconds. */
function timed(calls: number, work: () => void): number {
  const started = performance.now();
  work();
  return (1_000 * (performance.now() - started)) / calls;
}

const first = timed(PROFILES, () => ids.forEach(choose));
const rounds = Array.from({ length: ROUNDS }, () => timed(PROFILES, () => ids.forEach(choose)));
const problemOf = createCertificateProblem(trust);
const anew = timed(PROFILES, () => {
  for (const der of ders) problemOf({ der, chain })(NOW);
});
const median = rounds.toSorted((a, b) => a - b)[ROUNDS / 2];
process.stdout.write(`${JSON.stringify({ first, again: median, anew })}\n`);
