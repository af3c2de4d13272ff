import type { KeyObject } from 'node:crypto';
import { EXTENDED_KEY_USAGES } from '@sealtrack/certificates/issue/extensions';
import { encodeName } from '@sealtrack/certificates/issue/name';
import { type CertificateRequest, readCsr } from '@sealtrack/certificates/issue/read-csr';
import type { Digest } from '@sealtrack/certificates/issue/sign';
import {
  type GeneralName,
  isDnsPattern,
  mailboxOf,
  showGeneralName,
} from '@sealtrack/certificates/x509/general-names';
import { AppError } from '@sealtrack/errors/app-error';
import { parseHosts } from './create-certificate.ts';
import type { AltName } from './host-names.ts';
import { type Issued, issue } from './issue.ts';
import { checkLimits } from './limits.ts';
import type { Authority } from './open-authority.ts';
import { hostExtensions, type Usage } from './profiles.ts';
import { checkSubject, type Subject } from './subject.ts';
import { validFor } from './validity.ts';

export interface RequestOptions {
  /** In place of the names that the request has. */
  readonly hosts?: readonly string[] | undefined;
  /** In place of the subject that the request has. */
  readonly subject?: Subject | undefined;
  /** In place of what the request says it is for; both ends of connections where that says nothing. */
  readonly usage?: Usage | undefined;
  readonly emailProtection?: boolean | undefined;
  readonly digest: Digest;
  readonly days: number;
  readonly now: Date;
}

/**
 * A certificate for whoever sent a request (PKCS#10, PEM or DER). Of what it asks for, names and uses of connections are
 * granted, and nothing else: it is never a CA's. Throws CERTIFICATE_INVALID, CERTIFICATE_WEAK, INVALID_ARGUMENT, and as
 * issue() does.
 */
export async function signRequest(
  authority: Authority,
  authorityKey: KeyObject,
  file: Buffer,
  { hosts, subject, digest, days, now, ...wanted }: RequestOptions,
): Promise<Issued> {
  const request = readCsr(file);
  const names = hosts === undefined ? namesIn(request) : parseHosts(hosts);
  const validity = validFor(days, now);
  checkLimits(authority, { names, notAfter: validity.notAfter }, now);
  const host = hosts?.[0] ?? showGeneralName(names[0] as GeneralName).replace(/^\S+ /, '');
  const [issued] = await issue(authority, authorityKey, [
    {
      ...{ names, digest, ...validity, now, host, publicKey: request.publicKey },
      subject: subject === undefined ? subjectIn(request, host) : encodeName(checkSubject(subject)),
      extensions: hostExtensions(request.publicKey, usesOf(request, wanted)),
    },
  ]);
  if (issued === undefined) throw new Error('nothing was issued');
  return issued;
}

function namesIn({ subjectAltNames }: CertificateRequest): AltName[] {
  const refused = subjectAltNames.find((name) => !isGranted(name));
  if (refused === undefined && subjectAltNames.length > 0) return subjectAltNames as AltName[];
  const problem =
    refused === undefined
      ? 'The request has no subjectAltName, and a common name is nothing that anybody goes by'
      : `The request asks for ${showGeneralName(refused)}, which is not granted here`;
  throw new AppError('INVALID_ARGUMENT', problem, {
    fix: 'Give the DNS names and IP addresses that it is for with --host.',
    details: { field: '--host' },
  });
}

/**
 * Without being named again: names of hosts. Short ones are what parties are known by (`administrator` is a user of NATS), and
 * wildcards are many hosts at once; either takes somebody who means it.
 */
function isGranted(name: GeneralName): boolean {
  if (name.kind === 'dns') return isDnsPattern(name.value) && /^[^*.]+\./.test(name.value);
  if (name.kind === 'ip') return name.value.length === 4 || name.value.length === 16;
  return name.kind === 'email' && mailboxOf(name.value) !== undefined;
}

const EMPTY_NAME = Buffer.from('3000', 'hex');

const subjectIn = ({ subject }: CertificateRequest, host: string): Buffer =>
  subject.equals(EMPTY_NAME) ? encodeName({ commonName: host.slice(0, 64) }) : subject;

function usesOf(
  { extendedKeyUsages }: CertificateRequest,
  { usage, emailProtection }: Pick<RequestOptions, 'usage' | 'emailProtection'>,
) {
  const asks = (wanted: keyof typeof EXTENDED_KEY_USAGES) =>
    extendedKeyUsages.includes(EXTENDED_KEY_USAGES[wanted]);
  const [server, client] = [asks('serverAuth'), asks('clientAuth')];
  const asked: Usage = server === client ? 'both' : server ? 'server' : 'client';
  return { usage: usage ?? asked, emailProtection: emailProtection ?? asks('emailProtection') };
}
