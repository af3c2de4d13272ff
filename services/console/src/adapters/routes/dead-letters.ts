import type { Bus } from '@sealtrack/bus/bus';
import type { DeadLetter } from '@sealtrack/bus/dead-letter-message';
import { listNewestDeadLetters, readDeadLetter, retryDeadLetter } from '@sealtrack/bus/dead-letters';
import { AppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import { z } from 'zod';
import type { DeadLetterDetails, DeadLetterList } from '../../api/live.ts';
import { describeDeadLetter, describeDeadLetterDetails } from '../../domain/describe-dead-letter.ts';
import { isCapture, isOfTenant, lettersOf } from '../dead-letter-subjects.ts';
import type { Asked, Handlers } from '../handler.ts';
import { parseInput, partOf, sequenceMark, tenantOf } from '../parse-input.ts';
import { traceIdOf } from '../trace-id.ts';

export interface DeadLetterHandlersDeps {
  readonly bus: Bus;
  readonly log: Pick<Log, 'info'>;
}

const PAGE = 50;
const listQuery = z.object({ page: sequenceMark });

/** Answers to /tenants/:tenant/dead-letters. */
export function createDeadLetterHandlers({ bus, log }: DeadLetterHandlersDeps): Handlers {
  /** @throws AppError OBJECT_NOT_FOUND, of another tenant's as well. */
  const find = async (asked: Asked): Promise<DeadLetter> => {
    const number = partOf(asked, 'number');
    const letter = /^[1-9]\d{0,14}$/.test(number) ? await readDeadLetter(bus, Number(number)) : undefined;
    if (letter !== undefined && isOfTenant(letter.subject, tenantOf(asked))) return letter;
    throw new AppError('OBJECT_NOT_FOUND', 'There is no such dead letter', {
      fix: 'List those that wait; this one may have been retried already.',
    });
  };
  return {
    'GET /tenants/:tenant/dead-letters': async (asked): Promise<DeadLetterList> => {
      const { page } = parseInput(listQuery, asked.request.query);
      const { signal } = asked;
      const letters: DeadLetter[] = [];
      let nextPage: string | null = null;
      const filter = lettersOf(tenantOf(asked));
      for await (const letter of listNewestDeadLetters(bus, { filter, before: page, signal })) {
        if (letters.length === PAGE) {
          nextPage = String(letters.at(-1)?.sequence);
          break;
        }
        letters.push(letter);
      }
      return { deadLetters: letters.map((each) => describeDeadLetter(each, traceOf(each))), nextPage };
    },
    'GET /tenants/:tenant/dead-letters/:number': async (asked): Promise<DeadLetterDetails> => {
      const letter = await find(asked);
      return describeDeadLetterDetails(letter, traceOf(letter));
    },
    'POST /tenants/:tenant/dead-letters/:number/retry': async (asked, reply) => {
      const letter = await find(asked);
      if (!isCapture(letter.subject)) throw isNoCapture(letter);
      const { subject, sequence } = await retryDeadLetter(bus, letter.sequence);
      const { person, traceparent } = asked;
      log.info({ deadLetter: letter.sequence, subject, sequence, user: person.user, traceparent }, 'retried');
      return reply.code(202).send({});
    },
  };
}

const traceOf = ({ headers }: DeadLetter): string | null => traceIdOf(headers.traceparent);

/** Whoever could publish events could say of recordings what he likes. */
const isNoCapture = ({ subject }: DeadLetter): AppError =>
  new AppError('INVALID_ARGUMENT', `${subject} is no capture, and is not handed over again from here`, {
    fix: 'Put right what its reason says, then have the index read its events again (docs/operations.md).',
  });
