import { runService } from '@sealtrack/service-kit/run';
import { readTlsSettings } from '@sealtrack/service-kit/tls-settings';
import { checkConfig } from './src/check-config.ts';
import { config } from './src/config.ts';
import { start } from './src/service.ts';

const tls = () => readTlsSettings(process.env);

await runService({
  name: 'console',
  config,
  check: (values, log) => checkConfig(values, log, tls()),
  start: (values, context) => start(values, context, tls()),
});
