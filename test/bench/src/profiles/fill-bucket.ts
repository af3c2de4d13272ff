import type { Kv } from '@sealtrack/bus/kv';
import { ecKeys, type Keys, leaf, root, rsaKeys } from '@sealtrack/certificates/x509/testing/issue';
import { IvrProfile } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';

export const TENANT = 'bench';
const CERTIFICATES = 3;
const AT_A_TIME = 64;
const HOUR_MS = 3_600_000;
/** Making one takes a tenth of a second; every certificate is another one all the same. */
const KEYS = 50;

export interface ProfileMaker {
  /** The entry of a profile with three certificates that no other has, and their CA. */
  make(profileId: number): Buffer;
}

export function createProfileMaker(): ProfileMaker {
  const ca = { name: 'Bench CA', keys: ecKeys() };
  const chain = [root(ca.name, ca.keys)];
  const keys: Keys[] = Array.from({ length: KEYS }, () => rsaKeys());
  const dates = {
    notBefore: new Date(Date.now() - HOUR_MS),
    notAfter: new Date(Date.now() + 1_000 * HOUR_MS),
  };
  let serial = 1;
  const certificate = () => {
    serial += 1;
    const own = { name: `Sales ${serial}`, keys: keys[serial % KEYS] ?? rsaKeys() };
    return { alias: `certificate ${serial}`, der: leaf(own, ca, { serial, ...dates }), chain };
  };
  return {
    make(profileId) {
      const certificates = Array.from({ length: CERTIFICATES }, certificate);
      const name = `Profile ${profileId}`;
      const profile = { tenantId: TENANT, profileId: String(profileId), name, suite: 'pkcs7', certificates };
      return Buffer.from(JSON.stringify(IvrProfile.toJSON(IvrProfile.fromPartial(profile))));
    },
  };
}

/** Profiles 1 to `count`. The newest revision. */
export async function fillBucket(kv: Kv, count: number, maker: ProfileMaker): Promise<number> {
  let next = 1;
  let newest = 0;
  const work = async () => {
    for (let id = next++; id <= count; id = next++)
      newest = Math.max(newest, await kv.put(`${TENANT}.${id}`, maker.make(id)));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return newest;
}
