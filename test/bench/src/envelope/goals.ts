import type { SuiteName } from '@sealtrack/envelope/suites';
import type { Case } from './cases.ts';

/** How fast we are to be beside the cipher alone, OpenSSL and the fastest JavaScript peer; absent where nothing is set. */
export interface BesideGoals {
  readonly limit?: number;
  readonly openssl?: number;
  readonly javascript?: number;
}

/** MB, at every size. */
export const MEMORY_GOAL = 150;
/** To seal a minute of G.711. */
export const CPU_GOAL = { size: 480_000, milliseconds: 1 } as const;

const SEAL: Readonly<Record<SuiteName, Required<BesideGoals>>> = {
  pkcs7: { limit: 0.85, openssl: 1.1, javascript: 3 },
  cms: { limit: 0.65, openssl: 2, javascript: 10 },
};

/** Below this, the start of OpenSSL's process takes longer than what it does: no goal is set beside that. */
const LARGE = 230_000_000;
const VERY_LARGE = 2 ** 30;

export function goalsOf({ operation, suite, size }: Case): BesideGoals {
  if (suite === undefined) return {};
  if (operation === 'seal') {
    const { openssl, ...always } = SEAL[suite];
    return size < LARGE ? always : { ...always, openssl };
  }
  if (size < LARGE) return {};
  return { openssl: size < VERY_LARGE ? 4 : 8 };
}
