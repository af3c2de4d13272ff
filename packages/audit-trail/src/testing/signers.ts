import { createSigner } from '@sealtrack/statements/create-signer';
import { createStatementVerifier } from '@sealtrack/statements/create-verifier';
import type { Signer, StatementVerifier } from '@sealtrack/statements/statement';
import { openTls } from '@sealtrack/tls/open-tls';
import { createCa } from '@sealtrack/tls/testing/issue-peers';
import { noteTlsLog, tlsFolder } from '@sealtrack/tls/testing/tls-folder';

export interface Signers extends AsyncDisposable {
  of(name: string): Signer;
  readonly verifier: StatementVerifier;
}

/** Who signs as the name in its certificate: crypto servers, somebody else of the same CA, and the crypto server of another CA. */
export async function testSigners(): Promise<Signers> {
  const stack = new AsyncDisposableStack();
  const { log } = noteTlsLog();
  const ca = createCa('Test CA');
  const signers = new Map<string, Signer>();
  let verifier: StatementVerifier | undefined;
  for (const name of ['crypto-server', 'media-encryptor', 'stranger']) {
    const from = name === 'stranger' ? createCa('Another CA') : ca;
    const own = from.issue(name === 'stranger' ? 'crypto-server' : name);
    const tls = stack.use(await openTls(stack.use(await tlsFolder(from, own)).settings, log));
    const signer = createSigner(tls);
    if (signer !== undefined) signers.set(name, signer);
    verifier ??= createStatementVerifier(tls);
  }
  const known = verifier;
  if (known === undefined) throw new Error('Nobody verifies');
  return {
    of(name) {
      const signer = signers.get(name);
      if (signer === undefined) throw new Error(`${name} does not sign`);
      return signer;
    },
    verifier: remembering(known),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** The same statement is verified once, however often a test looks at a log. */
function remembering(verifier: StatementVerifier): StatementVerifier {
  const known = new Map<string, ReturnType<StatementVerifier['verify']>>();
  return {
    verify(type, statement, options) {
      const key = JSON.stringify([type, statement, options]);
      const found = known.get(key) ?? verifier.verify(type, statement, options);
      known.set(key, found);
      return found;
    },
  };
}
