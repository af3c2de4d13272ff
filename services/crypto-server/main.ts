import { runService } from '@sealtrack/service-kit/run';
import { config } from './src/config.ts';
import { start } from './src/service.ts';

await runService({ name: 'crypto-server', config, start });
