import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import type { TlsValues } from '@sealtrack/service-kit/tls-settings';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';
import type { HttpSettings } from './http-settings.ts';

export interface HttpTransport extends Disposable {
  readonly transport: Transport;
  /** Tells when the certificate that browsers see ends: at once, and each time that another one is taken. */
  onCertificate(listener: (notAfter: Date) => void): void;
}

/**
 * How the door for browsers is secured: with a certificate of its own or that of the service, and without asking them for
 * theirs. Files are followed until it is disposed. `openly` is what to warn of where there is no TLS. @throws AppError CONFIG_INVALID.
 */
export async function openHttpTransport(
  http: HttpSettings,
  own: TlsValues,
  log: Log,
  openly: string,
): Promise<HttpTransport> {
  if (!(http.tls ?? (own.enabled || http.certificate !== undefined))) return openPlain(log, openly);
  const files = filesOf(http, own);
  // Reading it takes 150 ms, which who does without does not pay.
  const { openTls } = await import('@sealtrack/tls/open-tls');
  const tls = await openTls(
    {
      ...files,
      ...{ trustedCaFiles: [], crlFiles: [], clients: 'simple', targetNameCheck: false },
      minVersion: own.secProtocol === 'TLSv13' ? 'TLSv1.3' : 'TLSv1.2',
      cipherList: own.cipherList,
    },
    log,
  ).catch((error: unknown) => {
    files.certificateKeyPassword?.fill(0);
    throw byVariable(error);
  });
  return {
    transport: tls,
    onCertificate: (listener) => tls.onCertificate(listener),
    [Symbol.dispose]() {
      tls[Symbol.dispose]();
      files.certificateKeyPassword?.fill(0);
    },
  };
}

function openPlain(log: Log, openly: string): HttpTransport {
  log.warn({ setting: 'SEALTRACK_HTTP_TLS=off' }, openly);
  return { transport: PLAINTEXT, onCertificate: () => {}, [Symbol.dispose]: () => {} };
}

function filesOf({ certificate, certificateKey, certificateKeyPassword }: HttpSettings, own: TlsValues) {
  if ((certificate === undefined) !== (certificateKey === undefined))
    throw new AppError('CONFIG_INVALID', 'A certificate and its key belong together', {
      fix: 'Set both SEALTRACK_HTTP_CERTIFICATE and SEALTRACK_HTTP_CERTIFICATE_KEY, or neither.',
    });
  const certificateFile = certificate ?? own.certificate;
  const certificateKeyFile = certificateKey ?? own.certificateKey;
  if (certificateFile === undefined || certificateKeyFile === undefined)
    throw new AppError('CONFIG_INVALID', 'There is no certificate to serve HTTPS with', {
      fix: 'Set SEALTRACK_HTTP_CERTIFICATE and SEALTRACK_HTTP_CERTIFICATE_KEY, or SEALTRACK_HTTP_TLS=off.',
    });
  const password = certificate === undefined ? own.certificateKeyPassword : certificateKeyPassword;
  return {
    ...{ certificateFile, certificateKeyFile },
    certificateKeyPassword: password?.use((bytes) => Buffer.from(bytes)),
  };
}

const VARIABLES: Readonly<Record<string, string>> = {
  certificateFile: 'SEALTRACK_HTTP_CERTIFICATE',
  certificateKeyFile: 'SEALTRACK_HTTP_CERTIFICATE_KEY',
};

function byVariable(error: unknown): unknown {
  if (!hasCode(error, 'CONFIG_INVALID')) return error;
  const details = Object.entries(error.details).map(([name, problem]) => [VARIABLES[name] ?? name, problem]);
  return new AppError('CONFIG_INVALID', error.message, {
    fix: error.fix,
    details: Object.fromEntries(details),
  });
}
