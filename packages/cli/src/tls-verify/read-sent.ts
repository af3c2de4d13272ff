import { DerError } from '@sealtrack/certificates/der';
import { parseX509, type X509 } from '@sealtrack/certificates/x509/parse-x509';
import { explainProblem } from '@sealtrack/certificates/x509/problems';
import { type Finding, problem } from '../doctor/finding.ts';

/** The certificates that a server sent, and what is to be said of those that are none. */
export function readSent(chain: readonly Buffer[]): { sent: X509[]; unread: Finding[] } {
  const sent: X509[] = [];
  const unread: Finding[] = [];
  for (const [i, der] of chain.entries()) {
    try {
      sent.push(parseX509(der));
    } catch (error) {
      if (!(error instanceof DerError)) throw error;
      const subject = `Certificate ${i + 1} of the server`;
      const { message, fix } = explainProblem({
        problem: 'certificate-malformed',
        subject,
        detail: error.message,
      });
      unread.push(problem('chain', message, fix));
    }
  }
  return { sent, unread };
}
