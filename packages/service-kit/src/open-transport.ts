import { AppError } from '@sealtrack/errors/app-error';
import { openTls } from '@sealtrack/tls/open-tls';
import { PLAINTEXT, type TlsLog, type TlsSettings, type Transport } from '@sealtrack/tls/tls';
import type { TlsValues } from './tls-settings.ts';

export interface OpenTransport extends Disposable {
  readonly transport: Transport;
}

const HOUR_MS = 3_600_000;

/**
 * How connections are secured by these settings: by the files that they name, which are followed until it is disposed. In
 * the clear only when that is what they say, and then the log says so every hour.
 * @throws AppError CONFIG_INVALID, with what is wrong by variable in its details.
 */
export async function openTransport(values: TlsValues, log: TlsLog): Promise<OpenTransport> {
  if (!values.enabled) return openPlaintext(log);
  const tls = await openTls(toSettings(values), log);
  return { transport: tls, [Symbol.dispose]: () => tls[Symbol.dispose]() };
}

function openPlaintext(log: TlsLog): OpenTransport {
  const say = () =>
    log.warn(
      { setting: 'SEALTRACK_TLS=off' },
      'connections are NOT secured: whoever is on their way can read and change everything',
    );
  say();
  const timer = setInterval(say, HOUR_MS).unref();
  return { transport: PLAINTEXT, [Symbol.dispose]: () => clearInterval(timer) };
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
