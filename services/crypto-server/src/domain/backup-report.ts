import type { BackupReport } from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';

/** Longer lists help nobody, and have to fit into an answer. */
const MAX_LISTED = 1_000;
const MAX_NAMED = 5;

export interface CertificateName {
  readonly tenantId: string;
  readonly certificateId: string;
  readonly alias: string;
}

export interface BackupFindings {
  readonly report: BackupReport;
  whole(tenantId: string, keyId: string): void;
  damaged(line: number, name: CertificateName | undefined, problem: string): void;
}

/** Counts what an archive holds, and lists what of it is damaged. */
export function createBackupFindings(archive: Pick<BackupReport, 'archiveId' | 'createdAt'>): BackupFindings {
  const { archiveId, createdAt } = archive;
  const tenants = new Set<string>();
  const keys = new Set<string>();
  const report: BackupReport = {
    ...{ archiveId, createdAt, tenants: 0, certificates: 0, privateKeys: 0, damaged: [], damagedTotal: 0 },
    ...{ restored: 0, alreadyThere: 0 },
  };
  return {
    report,
    whole(tenantId, keyId) {
      report.certificates += 1;
      report.tenants = tenants.add(tenantId).size;
      report.privateKeys = keys.add(`${tenantId}/${keyId}`).size;
    },
    damaged(entry, name, problem) {
      report.damagedTotal += 1;
      if (report.damaged.length >= MAX_LISTED) return;
      const what = name === undefined ? '' : `certificate ${name.certificateId} (${name.alias})`;
      report.damaged.push({ entry, tenantId: name?.tenantId ?? '', what, problem });
    },
  };
}

/** The first of what is damaged, for a message. */
export function describeDamage({ damaged, damagedTotal }: BackupReport): string {
  const named = damaged
    .slice(0, MAX_NAMED)
    .map(({ entry, tenantId, what, problem }) =>
      what === '' ? `line ${entry}: ${problem}` : `${what} of tenant ${tenantId} ${problem}`,
    );
  const more = damagedTotal - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}
