import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import type { Passwords } from '../ports.ts';

/** What a hash costs (RFC 7914): 2^logN · r · 128 bytes of memory, and as much work p times. */
export interface ScryptCost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MiB and some 0.4 s each (OWASP Password Storage Cheat Sheet). */
export const COST: ScryptCost = { logN: 17, r: 8, p: 1 };

const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** It has a thread and 128 MiB while it is made, of a container that has three times as much. */
const AT_ONCE = 1;
/** Of whom nobody knows, and as many of whom somebody does. */
const WAITING = 32;

interface Parsed extends ScryptCost {
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** As $scrypt$ln=17,r=8,p=1$salt$hash, in base64 without padding. */
const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]{22})\$([\w+/]{43})$/;

/** Hashes in threads of Node's own, so that nothing else waits for them. */
export function createScryptPasswords(cost: ScryptCost = COST): Passwords {
  const turn = createTurns();
  // Of nobody's password, for those who have none.
  const nobody: Parsed = { ...cost, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) };
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      return format({ ...cost, salt, key: await turn(true, () => derive(password, salt, cost)) });
    },
    async verify(password, hash, isKnown) {
      const known = (hash === undefined ? undefined : parse(hash)) ?? nobody;
      const key = await turn(isKnown, () => derive(password, known.salt, known));
      try {
        return timingSafeEqual(key, known.key) && known !== nobody;
      } finally {
        key.fill(0);
      }
    },
    isOutdated(hash) {
      const { logN, r, p } = parse(hash) ?? nobody;
      return logN !== cost.logN || r !== cost.r || p !== cost.p;
    },
  };
}

function derive(password: Buffer, salt: Buffer, { logN, r, p }: ScryptCost): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const N = 2 ** logN;
  scrypt(password, salt, KEY_BYTES, { N, r, p, maxmem: 256 * N * r * p }, (error, key) => {
    if (error === null) resolve(key);
    else reject(error);
  });
  return promise;
}

const format = ({ logN, r, p, salt, key }: Parsed): string =>
  `$scrypt$ln=${logN},r=${r},p=${p}$${base64(salt)}$${base64(key)}`;

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

function parse(hash: string): Parsed | undefined {
  const [, logN, r, p, salt, key] = FORM.exec(hash) ?? [];
  if (salt === undefined || key === undefined) return undefined;
  return {
    ...{ logN: Number(logN), r: Number(r), p: Number(p) },
    ...{ salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') },
  };
}

/** So many at a time, and the others in the order in which they came: first those who are known, whom nobody else's guessing holds up. */
function createTurns() {
  let busy = 0;
  const known: (() => void)[] = [];
  const unknown: (() => void)[] = [];
  return async <T>(isKnown: boolean, work: () => Promise<T>): Promise<T> => {
    const waiting = isKnown ? known : unknown;
    if (busy >= AT_ONCE) {
      if (waiting.length >= WAITING) throw tooMany();
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else busy += 1;
    try {
      return await work();
    } finally {
      const next = known.shift() ?? unknown.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  };
}

const tooMany = (): AppError =>
  new AppError('TOO_MANY_CALLS', 'Too many people sign in at once', { fix: 'Try again in a few seconds.' });
