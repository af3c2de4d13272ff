import { proveImplicitRejection } from '@sealtrack/envelope/self-test';
import { AppError } from '@sealtrack/errors/app-error';
import { type Finding, ok, problem } from './finding.ts';

/** This program's own Node; the services of `npm start` run on the same one. */
export async function checkRuntime(): Promise<Finding[]> {
  const runtime = `Node ${process.version} with OpenSSL ${process.versions.openssl}`;
  try {
    await proveImplicitRejection();
    return [ok('runtime', `${runtime}, which decrypts PKCS#1 v1.5 safely`)];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [problem('runtime', `${runtime}. ${error.message}`, error.fix)];
  }
}
