import type { Access } from '@sealtrack/access/access';
import { may } from '@sealtrack/access/may';
import { z } from 'zod';
import type { Changes, Health, LiveMessage, LiveState, Seals } from '../../api/live.ts';
import { followChanges } from '../../follow-changes.ts';
import { followLive } from '../../follow-live.ts';
import type { LiveHub } from '../../live-hub.ts';
import type { AskSeals, StateRequest } from '../../live-state.ts';
import type { HealthWatch } from '../../watch-health.ts';
import { openEventStream } from '../event-stream.ts';
import { forPerson, type Handlers } from '../handler.ts';
import type { LiveMetrics } from '../live-metrics.ts';
import { parseInput, tenantOf } from '../parse-input.ts';
import type { PersonSlots } from '../person-slots.ts';

export interface LiveHandlersDeps {
  readonly hub: LiveHub;
  readonly state: (request: StateRequest) => Promise<LiveState>;
  readonly health: Pick<HealthWatch, 'all'>;
  readonly askSeals: AskSeals;
  readonly access: Access;
  readonly slots: PersonSlots;
  readonly metrics: Pick<LiveMetrics, 'streaming'>;
}

const liveQuery = z.object({
  kind: z.string().max(200).default(''),
  text: z.string().max(200).default(''),
  sample: z
    .string()
    .regex(/^\d{1,3}$/, 'is not a number of events a second')
    .transform(Number)
    .refine((sample) => sample <= 100, 'is more than 100 events a second')
    .default(20),
});

/** Answers to what pages show live. */
export function createLiveHandlers(deps: LiveHandlersDeps): Handlers {
  const { hub, state, health, askSeals, access, slots, metrics } = deps;
  return {
    'GET /tenants/:tenant/live': async (asked, reply) => {
      const tenantId = tenantOf(asked);
      const query = parseInput(liveQuery, asked.request.query);
      using _slot = slots.take(asked.person);
      using _streaming = metrics.streaming('live');
      const stream = openEventStream<LiveMessage>(asked, reply);
      const request: StateRequest = {
        ...{ tenantId, call: forPerson(asked) },
        may: (action, tenant) => may(access, asked.person.names, action, tenant),
      };
      using _following = followLive({ hub, state: () => state(request) }, { tenantId, ...query }, stream);
      await stream.ended;
      return reply;
    },
    'GET /tenants/:tenant/changes': async (asked, reply) => {
      const tenantId = tenantOf(asked);
      using _slot = slots.take(asked.person);
      using _streaming = metrics.streaming('changes');
      const stream = openEventStream<Changes>(asked, reply);
      const mayDo = (action: Parameters<Access['authorise']>[1]) =>
        may(access, asked.person.names, action, tenantId);
      using _following = followChanges({ hub, may: mayDo, now: Date.now }, tenantId, stream);
      await stream.ended;
      return reply;
    },
    'GET /health': async (): Promise<Health> => ({ services: health.all() }),
    'GET /seals': async (asked): Promise<Seals> => ({ seals: await askSeals(forPerson(asked)) }),
  };
}
