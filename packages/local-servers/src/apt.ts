import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { findExecutable } from './executables.ts';

const POLICY_FILE = '/usr/sbin/policy-rc.d';

/**
 * invoke-rc.d and deb-systemd-invoke ask this script before a package's service is started; 101 forbids it. It looks
 * at a variable that only our own apt-get has, so that it changes nothing for anybody else, even if left behind.
 */
const POLICY = '#!/bin/sh\n[ -z "$SEALTRACK_INSTALLING" ] || exit 101\nexit 0\n';

export const canInstallWithApt = (): boolean =>
  process.getuid?.() === 0 && existsSync('/etc/debian_version') && findExecutable(['apt-get']) !== undefined;

async function run(command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, {
    // Standard output belongs to whoever called us.
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      DEBIAN_FRONTEND: 'noninteractive',
      SEALTRACK_INSTALLING: '1',
      // Some maintainer scripts need the administrator's folders.
      PATH: `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`,
    },
  });
  const [code] = await once(child, 'close');
  return code === 0;
}

/**
 * Installs Debian packages without starting or enabling their services. Resolves with false when apt-get
 * failed (it has said why on standard error). `packages` must not be installed yet.
 */
export async function installWithApt(packages: readonly string[]): Promise<boolean> {
  const ownsPolicy = !existsSync(POLICY_FILE);
  if (ownsPolicy) {
    writeFileSync(POLICY_FILE, POLICY);
    chmodSync(POLICY_FILE, 0o755);
  }
  try {
    // Two runs on one machine may want to install at the same moment.
    const wait = ['-o', 'DPkg::Lock::Timeout=120', '-qq'];
    await run('apt-get', [...wait, 'update']);
    if (!(await run('apt-get', [...wait, 'install', '-y', '--no-install-recommends', ...packages])))
      return false;
    if (existsSync('/run/systemd/system'))
      await run('systemctl', ['disable', '--quiet', ...packages.filter((name) => name.endsWith('-server'))]);
    return true;
  } finally {
    if (ownsPolicy) rmSync(POLICY_FILE, { force: true });
  }
}
