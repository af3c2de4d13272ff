import { spawnSync } from 'node:child_process';

/** Whether a Docker engine answers the docker command of this machine. */
export function dockerAnswers(): boolean {
  const asked = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
    timeout: 10_000,
  });
  return asked.status === 0 && asked.stdout.trim() !== '';
}

/**
 * Arguments for `docker run` that publish a server on a loopback port and keep its data in `dir`, owned by
 * the user who runs this: otherwise the folder could not be removed afterwards.
 */
export function dockerRunArgs(container: {
  readonly name: string;
  readonly image: string;
  readonly dir: string;
  readonly port: number;
  readonly containerPort: number;
}): string[] {
  const user =
    process.getuid === undefined ? [] : ['--user', `${process.getuid()}:${process.getgid?.() ?? 0}`];
  return [
    'run',
    '--rm',
    ...['--name', container.name],
    ...user,
    ...['--publish', `127.0.0.1:${container.port}:${container.containerPort}`],
    ...['--mount', `type=bind,source=${container.dir},target=/data`],
    ...['--workdir', '/data'],
    container.image,
  ];
}

export function killContainer(name: string): void {
  spawnSync('docker', ['kill', name], { stdio: 'ignore', timeout: 30_000 });
}
