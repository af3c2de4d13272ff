import { runService } from '@sealtrack/service-kit/run';
import { checkConfig } from './src/check-config.ts';
import { config } from './src/config.ts';
import { start } from './src/service.ts';

await runService({ name: 'media-encryptor', config, check: checkConfig, start });
