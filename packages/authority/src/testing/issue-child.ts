/** Run by parallel.test.ts: issues one certificate, and prints its serial number. */
import { newCertificate } from './authority.ts';

const [, , dir = '', host = ''] = process.argv;
const { serial } = await newCertificate(dir, { hosts: [host] });
process.stdout.write(serial);
