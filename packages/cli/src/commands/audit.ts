import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addAuditExport } from './audit-export.ts';
import { addAuditSearch } from './audit-search.ts';
import { addAuditVerify } from './audit-verify.ts';

export function addAudit(program: Command, wire: Wire): void {
  const group = program
    .command('audit')
    .description('What is on record: who opened, exported, unwrapped or deleted what. For auditors.');
  addAuditVerify(group, wire);
  addAuditSearch(group, wire);
  addAuditExport(group, wire);
}
