import { createHash } from 'node:crypto';
import type { Kv } from '@sealtrack/bus/kv';
import { hasCode } from '@sealtrack/errors/app-error';
import { ticketInvalid } from '@sealtrack/tickets/ticket-invalid';
import type { UsedTickets } from '../ports.ts';

/**
 * One entry a ticket, in a bucket that keeps it for longer than any ticket is valid: of two that make it at the same time, one
 * finds it made. `kv` says OBJECT_EXISTS.
 */
export const createKvUsedTickets = (kv: Pick<Kv, 'create'>): UsedTickets => ({
  async use({ issuer, ticketId }) {
    // Hashed, since an id may have anything in it; each issuer has ids of its own.
    const key = createHash('sha256')
      .update(JSON.stringify([issuer, ticketId]))
      .digest('hex');
    try {
      await kv.create(key, new Uint8Array());
    } catch (error) {
      throw hasCode(error, 'OBJECT_EXISTS') ? ticketInvalid('used') : error;
    }
  },
});
