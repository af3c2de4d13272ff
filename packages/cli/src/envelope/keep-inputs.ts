import { stat } from 'node:fs/promises';
import { AppError } from '@sealtrack/errors/app-error';

/**
 * Throws INVALID_ARGUMENT when `out` is one of the files that a command reads, by whatever path or link: --force says
 * that something may be replaced, and not the only key or ciphertext that there is.
 */
export async function refuseReplacing(
  out: string,
  inputs: Readonly<Record<string, string | readonly string[]>>,
): Promise<void> {
  const there = await identityOf(out);
  if (there === undefined) return;
  for (const [what, paths] of Object.entries(inputs))
    for (const path of [paths].flat())
      if ((await identityOf(path)) === there)
        throw new AppError('INVALID_ARGUMENT', `${out} is ${what}, and would be replaced`, {
          fix: 'Give another path in --out.',
          details: { file: out },
        });
}

/** Undefined for what is not there. */
const identityOf = (path: string): Promise<string | undefined> =>
  stat(path, { bigint: true }).then(
    ({ dev, ino }) => `${dev} ${ino}`,
    () => undefined,
  );
