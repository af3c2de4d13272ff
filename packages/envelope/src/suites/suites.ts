import { pkcs7 } from './pkcs7.ts';
import type { Suite, SuiteName } from './suite.ts';

export const SUITES: Readonly<Record<SuiteName, Suite>> = { pkcs7 };
