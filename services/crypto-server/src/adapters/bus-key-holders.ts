import type { Bus } from '@sealtrack/bus/bus';
import { request } from '@sealtrack/bus/request';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { KeyHolders } from '../ports.ts';

export const createBusKeyHolders = (bus: Bus): KeyHolders => ({
  ask: (certificateId, statement, { read, ...options }) =>
    request(bus, SUBJECTS.unwrapKey(certificateId), Buffer.from(statement), {
      ...options,
      read: (body) => read(Buffer.from(body).toString()),
    }),
});
