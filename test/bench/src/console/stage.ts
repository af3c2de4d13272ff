import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { type Doors, openDoors } from '@sealtrack/launcher/demo/doors';
import { type System, startSystem } from '@sealtrack/launcher/system';
import { makeTenant, TENANT } from '../playback/library.ts';
import { type Browser, signUp } from './browser.ts';
import type { ConsoleOptions } from './options.ts';

/** A system with a console, somebody who is signed in there, and a tenant with certificates. */
export interface Stage extends AsyncDisposable {
  readonly dir: string;
  readonly options: ConsoleOptions;
  readonly system: System;
  readonly doors: Doors;
  readonly browser: Browser;
  /** That recordings are sealed to. */
  readonly certificateId: string;
}

export async function openStage(
  dir: string,
  options: ConsoleOptions,
  say: (line: string) => void,
): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  say('starting the system …');
  const many = { SEALTRACK_CALLS_PER_SECOND: '100000' };
  const system = stack.use(await startSystem({ dir, withConsole: true, env: { 'crypto-server': many } }));
  const doors = stack.use(await openDoors(system));
  const browser = stack.use(await signUp(system));
  await makeTenant(doors);
  const { certificates } = await doors.certificates.listCertificates({ tenantId: TENANT });
  say(`importing ${options.certificates} certificates …`);
  // Making a key takes a tenth of a second, and nothing here depends on it.
  const { privateKey } = await createSelfSigned({ commonName: 'Bench' });
  for (let i = 1; i < options.certificates; i += 1) {
    const made = await createSelfSigned({ commonName: `Bench ${i}`, privateKey });
    await doors.certificates.importCertificate({
      tenantId: TENANT,
      certificate: Buffer.from(made.certificatePem),
      privateKey: Buffer.from(made.privateKeyPem),
    });
  }
  const owned = stack.move();
  return {
    ...{ dir, options, system, doors, browser },
    certificateId: certificates.find(({ holding }) => !holding)?.certificateId ?? '',
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
