/** GET /tenants/:tenant/certificates?deleted=1: all of them, at most 5,000, by alias. Holding keys are left out. */
export interface CertificateList {
  readonly certificates: readonly CertificateRow[];
  readonly isComplete: boolean;
}

export interface CertificateRow {
  readonly certificateId: string;
  readonly keyId: string;
  readonly alias: string;
  /** Distinguished names as RFC 4514 strings. */
  readonly subject: string;
  readonly issuer: string;
  /** What people call its owner. */
  readonly subjectName: string;
  readonly serialNumber: string;
  readonly keyBits: number;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly hasPrivateKey: boolean;
  readonly decryptOnly: boolean;
  /** Why no new recording may be encrypted to it: null, or a problem such as "expired", and the same for people. */
  readonly problem: string | null;
  readonly problemText: string | null;
  readonly deletion: Deletion | null;
  readonly importedAt: string;
  /** Profiles that have it; null when profile-config could not be asked, or not by the caller, and the same of `recordings`. */
  readonly profiles: number | null;
  readonly isScreen: boolean | null;
  readonly recordings: number | null;
}

export interface Deletion {
  readonly state: 'requested' | 'deleted';
  readonly requestedAt: string;
  /** When the request lapses, or the certificate is gone for good. */
  readonly until: string;
  /** That would become unplayable. */
  readonly recordings: number;
  /** What approvers sign; empty once it is deleted. */
  readonly statement: string;
  readonly approvers: readonly string[];
}

/** GET /tenants/:tenant/certificates/:certificate. */
export interface CertificateDetails extends CertificateRow {
  readonly signatureAlgorithm: string;
  readonly publicExponent: string;
  /** "self-signed", "private-ca", "trusted-root" or "none". */
  readonly trust: string;
  readonly pem: string;
  /** Subjects of the certificates above it, to the root. */
  readonly chain: readonly { readonly subject: string; readonly notAfter: string; readonly pem: string }[];
  /** The first 100 profiles that have it. */
  readonly profileIds: readonly string[];
}

/**
 * POST /tenants/:tenant/certificates: multipart/form-data with the files `certificate` and `private_key` (or a PFX in private_key
 * alone), `password` as a file part too, and the fields `alias`, `decrypt_only` ("1") and `dry_run` ("1"). 256 KiB each at most.
 */
export interface ImportAnswer {
  readonly certificate: CertificateDetails;
  readonly warnings: readonly string[];
  /** False in a dry run. */
  readonly stored: boolean;
}

/** DELETE /tenants/:tenant/certificates/:certificate?force=1 is answered by CertificateDetails. 409 CERTIFICATE_IN_USE with details. */

/** POST …/approvals, answered by CertificateDetails. */
export interface ApprovalRequest {
  readonly approver: string;
  /** Base64: Ed25519 over the bytes of Deletion.statement. */
  readonly signature: string;
}
