import { setImmediate as nextTurn } from 'node:timers/promises';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { RedisConnection } from '@sealtrack/redis/connect';
import { orUnavailable } from '@sealtrack/sealed-store/or-unavailable';
import { isDeleted } from '../domain/deletion.ts';
import type { CertificateQuery } from '../ports.ts';
import { certificateNames } from './certificate-names.ts';

/** What is searched and sorted: some 500 bytes a certificate, where all of one takes 3 KB. */
interface Entry {
  readonly id: string;
  /** Sorts by alias, then id; a page begins behind one of these. */
  readonly place: string;
  /** The same for what expires soonest. */
  readonly placeByEnd: string;
  /** Milliseconds. */
  readonly notAfter: number;
  readonly text: string;
  readonly deleted: boolean;
}

type Order = 'place' | 'placeByEnd';

interface Directory {
  readonly entries: Map<string, Entry>;
  /** In each order; made anew after a change. */
  readonly sorted: Map<Order, readonly Entry[]>;
  /** Of the last change that was read. */
  revision: number;
}

export interface CertificateDirectory {
  page(
    tenantId: string,
    query: CertificateQuery,
  ): Promise<{ ids: string[]; total: number; next: string | undefined }>;
}

const AT_A_TIME = 250;
const MAX_TENANTS = 64;

/**
 * The certificates of each tenant in memory, for lists and searches, kept up by reading what changed since the last
 * time: one question to Redis where nothing did.
 */
export function createCertificateDirectory({ client }: RedisConnection): CertificateDirectory {
  /** The one that was used last comes last. */
  const directories = new Map<string, Directory>();
  const reading = new Map<string, Promise<Directory>>();
  // What comes back may be another Redis, or the same one from a backup, with other changes under the same numbers.
  let connection = 0;
  client.on('close', () => {
    connection += 1;
    directories.clear();
  });

  async function upToDate(tenantId: string): Promise<Directory> {
    const begun = connection;
    const directory = directories.get(tenantId) ?? {
      entries: new Map(),
      sorted: new Map(),
      revision: 0,
    };
    const names = certificateNames(tenantId);
    const changes = await client.zrangebyscore(names.changes, `(${directory.revision}`, '+inf', 'WITHSCORES');
    const ids = changes.filter((_, index) => index % 2 === 0);
    for (let at = 0; at < ids.length; at += AT_A_TIME) {
      // Reading 10,000 of them takes half a second, which others shall not wait for. What was read last is used at once:
      // while it waited, another Redis could have taken the place of this one.
      if (at > 0) await nextTurn();
      const some = ids.slice(at, at + AT_A_TIME);
      const found = await client.mget(some.map((id) => names.certificate(id)));
      for (const [index, id] of some.entries()) {
        const json = found[index];
        if (typeof json === 'string') directory.entries.set(id, entryOf(json));
        else directory.entries.delete(id);
      }
      directory.sorted.clear();
    }
    directory.revision = Number(changes.at(-1) ?? directory.revision);
    if (begun !== connection) return directory;
    directories.delete(tenantId);
    directories.set(tenantId, directory);
    const [oldest = ''] = directories.keys();
    if (directories.size > MAX_TENANTS) directories.delete(oldest);
    return directory;
  }

  /** One reads for all who ask at the same time. */
  function current(tenantId: string): Promise<Directory> {
    const running = reading.get(tenantId);
    if (running !== undefined) return running;
    const started = orUnavailable(() => upToDate(tenantId)).finally(() => reading.delete(tenantId));
    reading.set(tenantId, started);
    return started;
  }

  return {
    async page(tenantId, { words, after, limit, deleted, expiresBefore }) {
      const directory = await current(tenantId);
      const order = expiresBefore === undefined ? 'place' : 'placeByEnd';
      const matching = inOrder(directory, order).filter(
        (entry) =>
          isWanted(entry, deleted) &&
          (expiresBefore === undefined || entry.notAfter < expiresBefore.getTime()) &&
          words.every((word) => entry.text.includes(word)),
      );
      const start = after === undefined ? 0 : matching.findIndex((entry) => entry[order] > after);
      const page = start === -1 ? [] : matching.slice(start, start + limit);
      const isLast = start + limit >= matching.length;
      return {
        ids: page.map(({ id }) => id),
        total: matching.length,
        next: isLast ? undefined : page.at(-1)?.[order],
      };
    },
  };
}

function inOrder({ entries, sorted }: Directory, order: Order): readonly Entry[] {
  const known = sorted.get(order);
  if (known !== undefined) return known;
  const made = [...entries.values()].sort((a, b) => (a[order] < b[order] ? -1 : 1));
  sorted.set(order, made);
  return made;
}

const isWanted = (entry: Entry, deleted: CertificateQuery['deleted']): boolean =>
  deleted === 'also' || entry.deleted === (deleted === 'only');

function entryOf(json: string): Entry {
  const certificate = Certificate.fromJSON(JSON.parse(json));
  const { certificateId: id, keyId, alias, subject, issuer, serialNumber, notAfter } = certificate;
  const place = `${alias.toLowerCase()}\n${id}`;
  return {
    id,
    place,
    // No certificate ends after the year 9999, so that these sort as the times do.
    placeByEnd: `${notAfter?.toJSON() ?? ''}\n${place}`,
    notAfter: notAfter?.getTime() ?? Number.POSITIVE_INFINITY,
    // A line each, so that no search matches across two of them.
    text: [alias, subject, issuer, serialNumber, id, keyId].join('\n').toLowerCase(),
    deleted: isDeleted(certificate),
  };
}
