import { z } from 'zod';
import {
  type ConfigOf,
  type Environment,
  optionalSecretSetting,
  parseConfig,
  type Setting,
  setting,
  settingsOf,
} from './config.ts';
import { onOrOff, path, paths } from './config-types.ts';

const TLS = 'SEALTRACK_TLS';

/** What has to be there but for connections in the clear. */
const unlessOff = <T>(inner: Setting<T | undefined>): Setting<T | undefined> => ({
  ...inner,
  read: (env) => {
    const result = inner.read(env);
    if ('problem' in result || result.value !== undefined || env[TLS] === 'off') return result;
    return { problem: `is missing: ${inner.means}. Or set ${TLS}=off for connections that anybody can read` };
  },
});

/**
 * How the connections of a process are secured: the same for all of them. Named after the options of Genesys' security
 * guide (tls, tls-mutual, tls-target-name-check, sec-protocol, cipher-list, certificate, certificate-key, trusted-ca, tls-crl).
 */
export const tlsSettings = {
  enabled: setting(
    TLS,
    onOrOff.prefault('on'),
    'on; or off for connections that anybody on their way can read and change; on unless told',
  ),
  certificate: unlessOff(
    setting(
      'SEALTRACK_TLS_CERTIFICATE',
      path.optional(),
      'the certificate of this process in PEM, and behind it the CAs between it and a trusted one',
    ),
  ),
  certificateKey: unlessOff(
    setting('SEALTRACK_TLS_CERTIFICATE_KEY', path.optional(), 'the private key of the certificate in PEM'),
  ),
  certificateKeyPassword: optionalSecretSetting(
    'SEALTRACK_TLS_CERTIFICATE_KEY_PASSWORD',
    'the password of the private key, where it is encrypted',
  ),
  trustedCa: unlessOff(
    setting(
      'SEALTRACK_TLS_TRUSTED_CA',
      paths.optional(),
      'the certificates of trusted CAs in PEM: files, with commas between them',
    ),
  ),
  crl: setting(
    'SEALTRACK_TLS_CRL',
    paths.optional(),
    'revocation lists in PEM: files, with commas between them. With any, every CA has to have one that is current',
  ),
  mutual: setting(
    'SEALTRACK_TLS_MUTUAL',
    onOrOff.prefault('on'),
    'whether clients have to show a certificate too, on or off; on unless told',
  ),
  targetNameCheck: setting(
    'SEALTRACK_TLS_TARGET_NAME_CHECK',
    z.enum(['host', 'no'], 'is neither host nor no').default('host'),
    'whether the certificate of a server has to be for the "host" that was asked for, or "no"; host unless told',
  ),
  secProtocol: setting(
    'SEALTRACK_TLS_SEC_PROTOCOL',
    z.enum(['TLSv12', 'TLSv13'], 'is neither TLSv12 nor TLSv13').default('TLSv12'),
    'the least version, TLSv12 or TLSv13; TLSv12 unless told, and TLS 1.3 wherever both sides know it',
  ),
  cipherList: setting(
    'SEALTRACK_TLS_CIPHER_LIST',
    z.string().optional(),
    "ciphers in OpenSSL's words, the best first; Node's own list unless told",
  ),
};

export type TlsValues = ConfigOf<typeof tlsSettings>;

/**
 * These settings alone, from an environment in which there may be any others: for what runs no service.
 * @throws AppError CONFIG_INVALID, also for names that begin as these do and are none.
 */
export function readTlsSettings(env: Environment): TlsValues {
  const known: readonly string[] = settingsOf(tlsSettings).flatMap(({ name, alsoNamed }) => [
    name,
    ...alsoNamed,
  ]);
  const own = Object.entries(env).filter(([name]) => known.includes(name) || name.startsWith(`${TLS}_`));
  return parseConfig(tlsSettings, Object.fromEntries(own));
}
