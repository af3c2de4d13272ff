import type { BackupDamage, BackupReport } from '@sealtrack/contracts/gen/sealtrack/backup/v1/backup';
import { printable } from '../output.ts';

/** What the service lists at most: there may be more. */
const MOST_DAMAGED = 1000;

export type ReportView = ReturnType<typeof toView>;

/** The same facts for programs. */
export function toView(report: BackupReport) {
  const { archiveId, createdAt, tenants, certificates, privateKeys, damaged } = report;
  return { archiveId, createdAt, tenants, certificates, privateKeys, damaged };
}

/** What is in the archive, and a line for each thing in it that is damaged. */
export const describeReport = (view: ReportView): string[] => [
  `Archive ${printable(view.archiveId)} of ${printable(view.createdAt)}: ${count(view.tenants, 'tenant')}, ` +
    `${count(view.certificates, 'certificate')}, ${count(view.privateKeys, 'private key')}.`,
  ...view.damaged.map(describeDamage),
  ...(view.damaged.length >= MOST_DAMAGED ? ['DAMAGED: there may be more, which are not listed'] : []),
];

/** Of some damage not even whose and what it is can be told. */
function describeDamage({ entry, tenantId, what, problem }: BackupDamage): string {
  const of = tenantId === '' ? '' : `, of tenant ${tenantId}`;
  return printable(`DAMAGED: entry ${entry}${of}: ${what === '' ? '' : `${what}: `}${problem}`);
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
