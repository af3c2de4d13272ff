import fastifyStatic from '@fastify/static';
import { AppError } from '@sealtrack/errors/app-error';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Names of files below it have a hash of their content in them: what is there under a name is the same for ever. */
const ASSETS = '/assets/';
const FOR_EVER = 'public, max-age=31536000, immutable';
const PAGE = 'index.html';

/**
 * The pages: files of a folder, and its index.html for every address within them, which the script there makes sense of.
 * @param dir may be missing: then what was asked for is not there.
 */
export async function serveStaticFiles(app: FastifyInstance, dir: string): Promise<void> {
  await app.register(fastifyStatic, {
    root: dir,
    ...{ cacheControl: false, dotfiles: 'ignore', index: [PAGE], suppressWarning: true },
    setHeaders(reply, path) {
      if (path.replaceAll('\\', '/').includes(ASSETS)) reply.header('cache-control', FOR_EVER);
    },
  });
  app.setNotFoundHandler((request, reply) => {
    if (!isPage(request)) throw notFound();
    reply.sendFile(PAGE);
  });
}

function isPage({ method, url }: FastifyRequest): boolean {
  const path = url.split('?')[0] ?? '/';
  const name = path.slice(path.lastIndexOf('/') + 1);
  // Ids of recordings may have dots in them, and so may names of people; files that are asked for by pages are below assets.
  return method === 'GET' && name !== PAGE && !path.startsWith('/api/') && !path.startsWith(ASSETS);
}

const notFound = (): AppError =>
  new AppError('OBJECT_NOT_FOUND', 'There is nothing here', {
    fix: 'The pages begin at /, and the API is below /api/v1. Where the pages themselves are missing, they have to be built: npm run build in services/console.',
  });
