import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { parseAlias, serialsOf } from './domain/genesys-alias.ts';
import type { GenesysCertificate, GenesysMedia } from './domain/genesys-group.ts';
import { readPem } from './domain/genesys-pem.ts';
import { isSameName } from './domain/lenient-names.ts';
import type { CertificateFinder } from './ports.ts';

export interface FoundMedia {
  /** Undefined when the document says nothing of certificates. */
  readonly certificates: readonly FoundPair[] | undefined;
  /** Each keeps what the certificates are for from being imported. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

export interface FoundPair {
  readonly certificateId: CertificateId;
  /** What to call it when it cannot be assigned: "certificate-1 (CN=…)". */
  readonly name: string;
  readonly replaces: string;
  readonly useFrom: Date | undefined;
}

type Outcome = { readonly id: CertificateId; readonly name: string; readonly note?: string } | string;

/** Which certificates the options of one document mean, for one tenant. By what PEM holds; without it, by issuer and serial number. */
export function createFindGenesysCertificates(finder: CertificateFinder) {
  // A document has the same certificate in hundreds of profiles.
  const found = new Map<string, ReturnType<CertificateFinder['bySerial']>>();
  const bySerial = (tenantId: TenantId, serial: string) => {
    const before = found.get(serial);
    if (before !== undefined) return before;
    const asked = finder.bySerial(tenantId, serial);
    found.set(serial, asked);
    return asked;
  };
  const byAlias = async (tenantId: TenantId, { n, alias }: GenesysCertificate): Promise<Outcome> => {
    const option = `certificatealias-${n}`;
    const parsed = parseAlias(alias);
    if (parsed === undefined)
      return `There is no certificate-${n}, and ${option} is not of the form rcs_<tenant>:<n>:<issuer>:<serial>.`;
    const { issuer, serial } = parsed;
    const ids = new Set<CertificateId>();
    for (const each of serialsOf(serial))
      for (const one of await bySerial(tenantId, each))
        if (isSameName(one.issuer, issuer)) ids.add(one.certificateId);
    const [id, other] = ids;
    const name = `of the issuer ${issuer} and the serial number ${serial}`;
    if (id === undefined)
      return `${option}: there is no certificate here ${name}. Import it with its private key: sealtrack certificates import.`;
    if (other !== undefined)
      return `${option}: there are several certificates ${name}. Say which one with its PEM in certificate-${n}.`;
    return { id, name: `${option} (${name})` };
  };

  const byPem = ({ n, pem, alias }: GenesysCertificate): Outcome => {
    const read = readPem(pem);
    if (typeof read === 'string') return `certificate-${n} ${read}.`;
    const { certificateId, serial, subject } = read;
    const said = parseAlias(alias);
    const isOther = said !== undefined && !serialsOf(said.serial).includes(serial);
    const note = `certificatealias-${n} is the alias of another certificate than certificate-${n}, which was taken.`;
    return {
      ...{ id: certificateId, name: `certificate-${n} (${subject}, serial number ${serial})` },
      ...(isOther ? { note } : {}),
    };
  };

  return async (tenantId: TenantId, media: GenesysMedia): Promise<FoundMedia> => {
    const pairs = new Map<CertificateId, FoundPair>();
    const problems: string[] = [];
    const notes: string[] = [];
    for (const { option, holdsCertificate } of media.strays)
      if (holdsCertificate)
        problems.push(`${option} holds a certificate, and is not called certificate-<n>.`);
      else notes.push(`${option} is not known, and was left out.`);
    for (const certificate of media.certificates ?? []) {
      const outcome = certificate.pem === '' ? await byAlias(tenantId, certificate) : byPem(certificate);
      if (typeof outcome === 'string') {
        problems.push(outcome);
        continue;
      }
      const { id, name, note } = outcome;
      if (note !== undefined) notes.push(note);
      const { replaces, useFrom } = certificate;
      if (!pairs.has(id)) pairs.set(id, { certificateId: id, name, replaces, useFrom });
    }
    const certificates = media.certificates === undefined ? undefined : [...pairs.values()];
    return { certificates, problems, notes };
  };
}

export type FindGenesysCertificates = ReturnType<typeof createFindGenesysCertificates>;
