import { explain, runService } from '@sealtrack/service-kit/run';
import { readTlsSettings } from '@sealtrack/service-kit/tls-settings';
import { newSetupLink } from './src/adapters/new-setup-link.ts';
import { checkConfig } from './src/check-config.ts';
import { config } from './src/config.ts';
import { start } from './src/service.ts';

const NAME = 'console';

if (process.argv[2] === '--new-setup-link' && process.argv.length === 3) {
  try {
    const { link, expiresAt } = await newSetupLink(process.env);
    process.stderr.write(
      `${NAME}: whoever opens this makes an account that may do everything, once, until ${expiresAt.toISOString()}\n`,
    );
    process.stdout.write(`${link}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(explain(NAME, error));
    process.exit(1);
  }
}

const tls = () => readTlsSettings(process.env);

await runService({
  name: NAME,
  config,
  check: (values, log) => checkConfig(values, log, tls()),
  start: (values, context) => start(values, context, tls()),
});
