import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Environment } from '@sealtrack/service-kit/config';
import { openTransport } from '@sealtrack/service-kit/open-transport';
import { readTlsSettings, type TlsValues } from '@sealtrack/service-kit/tls-settings';
import { PLAINTEXT, type TlsLog, type Transport } from '@sealtrack/tls/tls';
import { type Addresses, TARGETS, type Target } from './addresses.ts';
import type { CliParty, CurrentSystem } from './current-system.ts';
import type { Io } from './io.ts';

/** The files to connect with, each with its environment variable: those of the services. */
export const TLS_FILES = {
  tlsCertificate: {
    flag: '--tls-certificate',
    env: 'SEALTRACK_TLS_CERTIFICATE',
    means: 'the certificate to connect with, in PEM',
  },
  tlsCertificateKey: {
    flag: '--tls-certificate-key',
    env: 'SEALTRACK_TLS_CERTIFICATE_KEY',
    means: 'its private key',
  },
  tlsTrustedCa: {
    flag: '--tls-trusted-ca',
    env: 'SEALTRACK_TLS_TRUSTED_CA',
    means: 'the CAs that services are trusted by; several with commas between',
  },
  tlsCrl: {
    flag: '--tls-crl',
    env: 'SEALTRACK_TLS_CRL',
    means: 'revocation lists; several with commas between',
  },
} as const;

export type ConnectionOptions = { readonly [Option in keyof typeof TLS_FILES]?: string } & {
  /** False for --no-tls. */
  readonly tls?: boolean;
};

/** How to connect to what a command may want to reach. */
export interface Connections extends Disposable {
  /**
   * As the party that has the role for it, where that is known: in a system that has announced itself. The administrator
   * unless told. Throws CONFIG_INVALID when nothing says how, or what is said cannot be used.
   */
  to(target: Target, party?: CliParty): Promise<Transport>;
  /** The settings behind it, for who looks after them. Throws as `to` does. */
  settingsOf(target: Target, party?: CliParty): TlsValues;
}

export interface Surroundings {
  readonly env: Io['env'];
  readonly addresses: Addresses;
  /** Something to know that is no error. */
  say(text: string): void;
}

/**
 * An address that the running system has announced is connected to with what it has announced besides, unless options say
 * otherwise; one that was told, with the certificate that was told: the options win over the environment.
 */
export function createConnections(
  options: ConnectionOptions,
  { env, addresses, say }: Surroundings,
): Connections {
  const stack = new DisposableStack();
  const opened = new Map<string, Promise<Transport>>();
  const environmentFor = (target: Target, party: CliParty): Environment => {
    const asked = fromOptions(options);
    const found = addresses.discoveredBy(target);
    if (found !== undefined && Object.keys(asked).length === 0) return announced(found, party);
    return { ...tlsVariables(env), ...asked };
  };
  const open = async (settings: TlsValues): Promise<Transport> => {
    if (!settings.enabled) {
      say(PLAINTEXT_WARNING);
      return PLAINTEXT;
    }
    return stack.use(await openTransport(settings, logTo(say)).catch(toldWhole)).transport;
  };
  const settingsOf = (target: Target, party: CliParty = 'administrator') =>
    readSettings(target, environmentFor(target, party));
  return {
    settingsOf,
    to: (target, party = 'administrator') => {
      const kind = JSON.stringify(environmentFor(target, party));
      const transport = opened.get(kind) ?? open(settingsOf(target, party));
      opened.set(kind, transport);
      return transport;
    },
    [Symbol.dispose]: () => stack.dispose(),
  };
}

export const PLAINTEXT_WARNING =
  'warning: connections are in PLAINTEXT: everybody on the way can read and change them';

const tlsVariables = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => /^SEALTRACK_TLS(_|$)/.test(name)));

function fromOptions(options: ConnectionOptions): Record<string, string> {
  if (options.tls === false) return { SEALTRACK_TLS: 'off' };
  const named = Object.entries(TLS_FILES).map(([option, { env }]) => [
    env,
    options[option as keyof typeof TLS_FILES],
  ]);
  const told = Object.fromEntries(named.filter(([, value]) => value !== undefined));
  // Who names files does not mean plaintext, whatever the environment says.
  return named.some(([, value]) => value !== undefined) ? { ...told, SEALTRACK_TLS: 'on' } : told;
}

/** Whoever started a system without certificates has asked for plaintext. */
function announced({ tls }: CurrentSystem, party: CliParty): Environment {
  if (tls === undefined) return { SEALTRACK_TLS: 'off' };
  const { certificate, certificateKey, trustedCa } = tls[party];
  return {
    SEALTRACK_TLS_CERTIFICATE: certificate,
    SEALTRACK_TLS_CERTIFICATE_KEY: certificateKey,
    SEALTRACK_TLS_TRUSTED_CA: trustedCa,
  };
}

function readSettings(target: Target, env: Environment): TlsValues {
  const { tlsCertificate, tlsCertificateKey, tlsTrustedCa } = TLS_FILES;
  const needed = [tlsCertificate, tlsCertificateKey, tlsTrustedCa];
  if (env.SEALTRACK_TLS !== 'off' && needed.every((file) => !env[file.env]))
    throw new AppError(
      'CONFIG_INVALID',
      `Nothing says with which certificate to connect to ${TARGETS[target].what}`,
      {
        fix: `Give ${needed.map(({ flag }) => flag).join(', ')} or set ${needed.map((file) => file.env).join(', ')}. To connect in plaintext: --no-tls.`,
      },
    );
  try {
    return readTlsSettings(env);
  } catch (error) {
    return toldWhole(error);
  }
}

/** What is wrong with each setting is for whoever gave it, option or variable. Throws. */
function toldWhole(error: unknown): never {
  if (!hasCode(error, 'CONFIG_INVALID')) throw error;
  const problems = Object.entries(error.details).map(([name, problem]) => `${name} ${problem}`);
  throw new AppError('CONFIG_INVALID', `What to connect with cannot be used: ${problems.join('; ')}`, {
    fix: 'Give what is named here by its option --tls-…, or by its variable. sealtrack tls verify looks at certificates.',
    cause: error,
  });
}

/** What is worth knowing of connections beside the error of a command: a file that changed to something useless. */
function logTo(say: Surroundings['say']): TlsLog {
  const warn = (_: object, message: string): void => say(`warning: ${message}`);
  return { info: () => {}, warn, error: warn };
}
