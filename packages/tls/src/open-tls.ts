import { certificateFacts } from './certificate-facts.ts';
import { clientOptions, serverOptions } from './connection-options.ts';
import { followFiles } from './follow-files.ts';
import { type Guard, guardServer } from './guard.ts';
import { createJudge } from './judge.ts';
import { judgeSigner } from './judge-signer.ts';
import { type Material, parseMaterial } from './material.ts';
import { createRefusalLog } from './refusal-log.ts';
import type { Tls, TlsLog, TlsSettings } from './tls.ts';
import { readFiles, stateOf } from './tls-files.ts';
import { createExpiryWatch } from './watch-expiry.ts';

export interface OpenTls extends Tls {
  /** Tells when the certificate of this process ends: at once, and each time that its files were taken. */
  onCertificate(listener: (notAfter: Date) => void): void;
}

/** How often connections that are there are judged again for nothing but the time that passed. */
const JUDGE_AGAIN_MS = 60_000;

/**
 * Opens what secures connections: reads the files that the settings name, and follows them until it is disposed.
 * @throws AppError CONFIG_INVALID when they cannot be used, with what is wrong in `details` by the names of the settings.
 */
export async function openTls(
  settings: TlsSettings,
  log: TlsLog,
  { now = Date.now }: { readonly now?: () => number } = {},
): Promise<OpenTls> {
  const paths = [
    settings.certificateFile,
    settings.certificateKeyFile,
    ...settings.trustedCaFiles,
    ...settings.crlFiles,
  ];
  const read = async (before?: Material) => parseMaterial(settings, await readFiles(paths), now(), before);
  const state = await stateOf(paths);
  let current = await read();
  const judge = createJudge(() => current, now);
  const refusals = createRefusalLog(log, now);
  const sayExpiry = createExpiryWatch(log, now);
  const guards = new Set<Guard>();
  const listeners: ((notAfter: Date) => void)[] = [];

  const following = followFiles({
    paths,
    state,
    read: () => read(current),
    use: (material) => {
      current = material;
      for (const guard of guards) {
        guard.renew();
        guard.judgeAgain();
      }
      log.info(describe(material), 'the files that secure connections changed, and are used');
      sayExpiry(material);
      for (const listener of listeners) listener(new Date(material.own.notAfter));
    },
    refused: (err) =>
      log.error({ err }, 'the files that secure connections cannot be used: what they were stays'),
  });
  const timer = setInterval(() => {
    following.retry();
    for (const guard of guards) guard.judgeAgain();
    sayExpiry(current);
  }, JUDGE_AGAIN_MS).unref();
  sayExpiry(current);

  const server = () => serverOptions(settings, () => current);
  return {
    client: (serverName) => clientOptions(settings, () => current, judge, serverName),
    server,
    guard(guarded, options = {}) {
      const parts = { judge, refusals, clients: settings.clients, options: server };
      const guard = guardServer(guarded, parts, options, () => guards.delete(guard));
      guards.add(guard);
    },
    identity: () => current.identity,
    judgeSigner: (chain, at) => judgeSigner(judge, chain, at),
    onCertificate(listener) {
      listeners.push(listener);
      listener(new Date(current.own.notAfter));
    },
    [Symbol.dispose]() {
      following[Symbol.dispose]();
      clearInterval(timer);
      refusals[Symbol.dispose]();
    },
  };
}

const describe = ({ own, anchors, crls }: Material) => ({
  certificate: certificateFacts(own),
  trustedCas: anchors.length,
  crls: crls.length,
});
