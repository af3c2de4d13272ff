import { readAudit } from '@sealtrack/audit-trail/read-audit';
import { createVerification } from '@sealtrack/audit-trail/verify/verification';
import { connectBus } from '@sealtrack/bus/connect';
import { AccountRecorded } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { PLAINTEXT } from '@sealtrack/tls/tls';

/** What is on record of accounts, and what somebody says of all of it who verifies it. */
export async function readAccountRecords(nats: string) {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats, name: 'test' });
  const verification = createVerification({ verifier: undefined, servers: [] });
  const records: AccountRecorded[] = [];
  for await (const record of readAudit(bus, { signal: new AbortController().signal })) {
    await verification.add(record);
    if (record.subject === SUBJECTS.auditOfAll('account'))
      records.push(AccountRecorded.fromJSON(JSON.parse(Buffer.from(record.body).toString())));
  }
  return { records, report: await verification.finish() };
}
