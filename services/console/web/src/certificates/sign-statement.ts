import { encodeBase64 } from '../certificate-files/pem.ts';
import { openApproverKey } from './approver-key.ts';

/**
 * What an approver says, signed here, as `sealtrack certificates approve-deletion` signs it: Ed25519 over the statement's bytes, in
 * base64. The key file is read, used and forgotten. Throws ProblemError.
 */
export async function signStatement(statement: string, keyFile: Blob, password: string): Promise<string> {
  const bytes = new Uint8Array(await keyFile.arrayBuffer());
  try {
    const key = await openApproverKey(bytes, password);
    const signature = await crypto.subtle.sign('Ed25519', key, new TextEncoder().encode(statement));
    return encodeBase64(new Uint8Array(signature));
  } finally {
    bytes.fill(0);
  }
}
