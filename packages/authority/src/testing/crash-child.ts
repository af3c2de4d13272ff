/** Run by crash.test.ts: issues a certificate and is killed at a change of the disk, half-way through if that is a write. */

import { newCertificate } from './authority.ts';
import { interrupted } from './interrupt.ts';

const [, , dir = '', at = ''] = process.argv;
await interrupted(
  Number(at),
  () => newCertificate(dir),
  () => process.kill(process.pid, 'SIGKILL'),
);
