import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { PLAINTEXT, type TlsLog, type TlsSettings, type Transport } from '@sealtrack/tls/tls';
import type { Metrics } from './metrics.ts';
import { type TlsValues, tlsSettings } from './tls-settings.ts';

export interface OpenTransport extends Disposable {
  readonly transport: Transport;
  /** What of it is to be watched from outside. */
  measure(metrics: Metrics): void;
}

const HOUR_MS = 3_600_000;

/**
 * How connections are secured by these settings: by the files that they name, which are followed until it is disposed. In
 * the clear only when that is what they say, and then the log says so every hour, and besides whether there anybody may do
 * everything.
 * @throws AppError CONFIG_INVALID, with what is wrong by variable in its details.
 */
export async function openTransport(
  values: TlsValues,
  log: TlsLog,
  { isOpenToAll = false }: { readonly isOpenToAll?: boolean } = {},
): Promise<OpenTransport> {
  if (!values.enabled) return openPlaintext(log, isOpenToAll);
  const settings = toSettings(values);
  // Reading it takes 150 ms, which who does without does not pay.
  const { openTls } = await import('@sealtrack/tls/open-tls');
  const tls = await openTls(settings, log).catch((error: unknown) => {
    settings.certificateKeyPassword?.fill(0);
    throw byVariable(error);
  });
  return {
    transport: tls,
    measure(metrics) {
      const expiry = metrics.gauge(
        'sealtrack_tls_certificate_expiry_timestamp_seconds',
        'When the certificate that this process shows on its connections expires, in Unix time',
      );
      tls.onCertificate((notAfter) => expiry.set(notAfter.getTime() / 1000));
    },
    [Symbol.dispose]() {
      tls[Symbol.dispose]();
      settings.certificateKeyPassword?.fill(0);
    },
  };
}

const IN_CLEAR = 'connections are NOT secured: whoever is on their way can read and change everything';

function openPlaintext(log: TlsLog, isOpenToAll: boolean): OpenTransport {
  const message = isOpenToAll
    ? `${IN_CLEAR}, and there is no access policy: anybody may do everything`
    : IN_CLEAR;
  const say = () => log.warn({ setting: 'SEALTRACK_TLS=off' }, message);
  say();
  const timer = setInterval(say, HOUR_MS).unref();
  return { transport: PLAINTEXT, measure: () => {}, [Symbol.dispose]: () => clearInterval(timer) };
}

function toSettings(values: TlsValues): TlsSettings {
  const { certificate, certificateKey, trustedCa } = values;
  if (certificate === undefined || certificateKey === undefined || trustedCa === undefined)
    throw new AppError('CONFIG_INVALID', 'There is no certificate to secure connections with', {
      fix: 'Set SEALTRACK_TLS_CERTIFICATE, SEALTRACK_TLS_CERTIFICATE_KEY and SEALTRACK_TLS_TRUSTED_CA, or SEALTRACK_TLS=off.',
    });
  return {
    certificateFile: certificate,
    certificateKeyFile: certificateKey,
    certificateKeyPassword: values.certificateKeyPassword?.use((bytes) => Buffer.from(bytes)),
    trustedCaFiles: trustedCa,
    crlFiles: values.crl ?? [],
    clients: values.mutual ? 'mutual' : 'simple',
    targetNameCheck: values.targetNameCheck === 'host',
    minVersion: values.secProtocol === 'TLSv13' ? 'TLSv1.3' : 'TLSv1.2',
    cipherList: values.cipherList,
  };
}

const VARIABLES: Readonly<Record<string, string>> = {
  certificateFile: tlsSettings.certificate.name,
  certificateKeyFile: tlsSettings.certificateKey.name,
  trustedCaFiles: tlsSettings.trustedCa.name,
  crlFiles: tlsSettings.crl.name,
  cipherList: tlsSettings.cipherList.name,
};

/** What is wrong, under the names that its reader has set. */
function byVariable(error: unknown): unknown {
  if (!hasCode(error, 'CONFIG_INVALID')) return error;
  const details = Object.entries(error.details).map(([name, problem]) => [VARIABLES[name] ?? name, problem]);
  return new AppError('CONFIG_INVALID', error.message, {
    fix: error.fix,
    details: Object.fromEntries(details),
  });
}
