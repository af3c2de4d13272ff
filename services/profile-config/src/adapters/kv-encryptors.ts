import type { Kv } from '@sealtrack/bus/kv';
import { EncryptorStatus } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { Log } from '@sealtrack/service-kit/logger';
import type { EncryptorStatuses } from '../ports.ts';

/** What encryptors say of themselves, in the bucket `encryptors`. */
export function createKvEncryptors(kv: Pick<Kv, 'list'>, log: Log): EncryptorStatuses {
  // One damaged entry must not hide the others. It is gone within a minute.
  const decodeOrLog = (key: string, value: Uint8Array): EncryptorStatus[] => {
    try {
      const status = EncryptorStatus.fromJSON(JSON.parse(Buffer.from(value).toString()));
      return [{ ...status, instance: status.instance || key }];
    } catch (err) {
      log.warn({ err, instance: key }, 'what an encryptor says of itself cannot be read: it is left out');
      return [];
    }
  };
  return {
    async list() {
      return (await kv.list()).flatMap(({ key, value }) => decodeOrLog(key, value));
    },
  };
}
