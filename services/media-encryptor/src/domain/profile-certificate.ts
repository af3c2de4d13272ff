import { createHash } from 'node:crypto';
import { type CertificateInfo, parseCertificate } from '@sealtrack/certificates/certificate';
import { explainProblem } from '@sealtrack/certificates/x509/problems';
import type { AssignedCertificate } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { type Recipient, recipientFromCertificate } from '@sealtrack/envelope/recipient';
import type { CertificateId } from '@sealtrack/ids/ids';
import { createCertificateProblem, type ProblemAt, type TrustInForce } from './certificate-problem.ts';
import { createInterned } from './interned.ts';
import type { ProfileCertificate } from './profile.ts';
import type { Refusal, ReviewedCertificate } from './profile-entry.ts';

/**
 * Makes certificates of what is assigned, by the certificate itself: what else an entry says of it is for people. Many
 * profiles have the same ones; each is taken apart and judged once.
 */
export function createProfileCertificates(trust: TrustInForce) {
  const problemOf = createCertificateProblem(trust);
  // Of another time than now, lists of revoked certificates can only be too old or too new.
  const problemWithoutCrls = createCertificateProblem({
    accept: trust.accept,
    roots: () => trust.roots(),
    crls: () => NO_CRLS,
  });
  const chains = createInterned<Buffer>();
  const certificates = createInterned<KnownCertificate>();

  /** @throws AppError CERTIFICATE_INVALID, CERTIFICATE_WEAK (too weak for anything). */
  function know({ der, chain }: Pick<AssignedCertificate, 'der' | 'chain'>): KnownCertificate {
    const ids = [der, ...chain].map(sha256);
    return certificates.get(ids.join(), () => {
      const cas = chain.map((ca, i) => chains.get(ids[i + 1] ?? '', () => Buffer.from(ca)));
      return knownCertificate(parseCertificate(der, { allowWeak: true }), cas);
    });
  }
  /** A function of its own, that keeps nothing of the entry. */
  function knownCertificate(info: CertificateInfo, chain: readonly Buffer[]): KnownCertificate {
    const { certificateId, notBefore, weaknesses, der } = info;
    return {
      certificateId,
      notBefore,
      isWeak: weaknesses.length > 0,
      recipient: createRecipient(der),
      problemAt: problemOf({ der, chain }),
      problemWithoutCrls: problemWithoutCrls({ der, chain }),
    };
  }

  return {
    /** @throws AppError CERTIFICATE_INVALID, CERTIFICATE_WEAK (too weak for anything). */
    assigned(certificate: AssignedCertificate): ReviewedCertificate {
      const { useFrom, replaces, revoked } = certificate;
      const known = know(certificate);
      return {
        certificateId: known.certificateId,
        notBefore: known.notBefore,
        useFrom,
        replaces: replaces === '' ? undefined : (replaces as CertificateId),
        get recipient() {
          return known.recipient();
        },
        problemAt: (now) => {
          if (revoked) return 'revoked';
          return known.isWeak ? 'too-weak' : known.problemAt(now)?.problem;
        },
        refusalAt: (now) => (revoked ? undefined : refusalOf(known, now)),
      };
    },
    /** @throws AppError CERTIFICATE_INVALID, CERTIFICATE_WEAK (too weak for anything). */
    holding(certificate: AssignedCertificate): ProfileCertificate {
      const { certificateId, notBefore, recipient } = know({ der: certificate.der, chain: [] });
      return { certificateId, notBefore, recipient: recipient(), problemAt: () => undefined };
    },
  };
}

function createRecipient(der: Buffer): () => Recipient {
  let recipient: Recipient | undefined;
  return () => {
    recipient ??= recipientFromCertificate(parseCertificate(der, { allowWeak: true }));
    return recipient;
  };
}

interface KnownCertificate {
  readonly certificateId: CertificateId;
  readonly notBefore: Date;
  readonly isWeak: boolean;
  /** Made when it is asked for first: of thousands of certificates that are judged, few are used in an hour. */
  readonly recipient: () => Recipient;
  readonly problemAt: ProblemAt;
  readonly problemWithoutCrls: ProblemAt;
}

const NO_CRLS: readonly never[] = [];

const WEAK: Refusal = {
  reason: 'too-weak',
  message: 'It is too weak to encrypt to: an RSA key under 2048 bits, or a signature with SHA-1',
  nextStep:
    'Have it issued anew with an RSA key of 3072 bits and signed with SHA-256, import it, and assign that.',
};

function refusalOf(known: KnownCertificate, now: Date): Refusal | undefined {
  if (known.isWeak) return WEAK;
  const found = known.problemAt(now);
  // Its dates must not hide what does not pass with time.
  const lasting = found?.problem === 'not-yet-valid' ? known.problemWithoutCrls(known.notBefore) : found;
  if (lasting === undefined || lasting.problem === 'expired' || lasting.problem === 'not-yet-valid')
    return undefined;
  const { message, fix } = explainProblem(lasting);
  return { reason: lasting.problem, message, nextStep: fix };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
