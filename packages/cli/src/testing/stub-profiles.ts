import {
  ProfileServiceDefinition,
  type ProfileServiceImplementation,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import { OPEN_TO_ALL } from '@sealtrack/rpc/testing/open-to-all';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { cli } from './run-cli.ts';

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** A profile service that does what a test says, on a real gRPC server, and the commands that call it. */
export async function startStubProfiles(answers: Partial<ProfileServiceImplementation>) {
  const unheardOf = async (): Promise<never> => {
    throw new AppError('INTERNAL', 'No test has asked for this', { fix: 'Answer it.' });
  };
  const service: ProfileServiceImplementation = {
    ...{ createProfile: unheardOf, updateProfile: unheardOf, assignCertificates: unheardOf },
    ...{ deleteProfile: unheardOf, getProfile: unheardOf, listProfiles: unheardOf, getRollout: unheardOf },
    ...{ getScreenSettings: unheardOf, saveScreenSettings: unheardOf },
    ...{ countAssignments: unheardOf, listTenants: unheardOf },
    ...{ exportGenesysSettings: unheardOf, importGenesysSettings: unheardOf },
    ...answers,
  };
  const server = await startRpcServer({
    access: OPEN_TO_ALL,
    transport: PLAINTEXT,
    listen: '127.0.0.1:0',
    log: SILENT,
    services: [implement(ProfileServiceDefinition, service)],
  });
  const env = { SEALTRACK_PROFILES_ADDRESS: server.address };
  return {
    run: (args: readonly string[], options: { readonly signal?: AbortSignal; readonly cwd?: string } = {}) =>
      cli(args, { env, ...options }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}
