import type { MultipartFile } from '@fastify/multipart';
import { AppError } from '@sealtrack/errors/app-error';
import type { FastifyRequest } from 'fastify';

/** Of each file: certificates with their chains and keys have a few. */
export const MAX_FILE_BYTES = 256 * 1024;
const MAX_FIELD_BYTES = 1_000;
const MAX_FILES = 3;
const MAX_FIELDS = 3;
/** All of them, and what stands between them. */
const MAX_BODY_BYTES = MAX_FILES * MAX_FILE_BYTES + 64 * 1024;

const OPTIONS = {
  throwFileSizeLimit: false,
  limits: {
    ...{ fileSize: MAX_FILE_BYTES, files: MAX_FILES, fields: MAX_FIELDS, parts: MAX_FILES + MAX_FIELDS },
    ...{ fieldSize: MAX_FIELD_BYTES, fieldNameSize: 100, headerPairs: 20 },
  },
};

/** What came in one request. Disposed, its files are zeroed: a private key and its password are among them. */
export interface Upload extends Disposable {
  /** Each empty where it did not come. */
  readonly files: Readonly<Record<string, Buffer>>;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Wanted {
  readonly files: readonly string[];
  readonly fields: readonly string[];
}

/** Reads the parts that are wanted, each once at most. @throws AppError INVALID_ARGUMENT for anything else. */
export async function readUpload(request: FastifyRequest, wanted: Wanted): Promise<Upload> {
  const files: Record<string, Buffer> = Object.fromEntries(
    wanted.files.map((name) => [name, Buffer.alloc(0)]),
  );
  const fields: Record<string, string> = {};
  const dispose = () => {
    for (const file of Object.values(files)) file.fill(0);
  };
  const seen = new Set<string>();
  try {
    checkForm(request);
    for await (const part of request.parts(OPTIONS)) {
      const { fieldname: name } = part;
      const isFile = part.type === 'file';
      if (!(isFile ? wanted.files : wanted.fields).includes(name))
        throw refused(`${name} is no ${isFile ? 'file' : 'field'} that is taken`, howTo(wanted), name);
      if (seen.has(name)) throw refused(`${name} came twice`, 'Send each part once.', name);
      seen.add(name);
      if (isFile) files[name] = await readFile(part);
      else if (part.valueTruncated || typeof part.value !== 'string') throw tooLong(name, MAX_FIELD_BYTES);
      else fields[name] = part.value;
    }
    return { files, fields, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    // What was not read would keep the connection from being used again.
    request.raw.unpipe();
    request.raw.resume();
    throw byReason(error, wanted);
  }
}

function checkForm(request: FastifyRequest): void {
  if (!request.isMultipart())
    throw refused('The request is no form', 'Send it as multipart/form-data.', 'content-type');
  const length = Number(request.headers['content-length']);
  if (length > MAX_BODY_BYTES) throw tooLong('body', MAX_BODY_BYTES);
}

/** Into one buffer, in which it can be zeroed; and what it came in is zeroed at once. */
async function readFile({ fieldname, file }: MultipartFile): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(MAX_FILE_BYTES);
  let length = 0;
  try {
    for await (const chunk of file as AsyncIterable<Buffer>) {
      length += chunk.copy(bytes, length);
      chunk.fill(0);
    }
    if (file.truncated) throw tooLong(fieldname, MAX_FILE_BYTES);
    return bytes.subarray(0, length);
  } catch (error) {
    bytes.fill(0);
    throw error;
  }
}

const howTo = ({ files, fields }: Wanted): string =>
  `Send ${files.join(', ')} as files, and ${fields.join(', ')} as fields.`;

const refused = (message: string, fix: string, field: string): AppError =>
  new AppError('INVALID_ARGUMENT', message, { fix, details: { field: field.slice(0, 100) } });

const tooLong = (what: string, most: number): AppError =>
  refused(`${what} has more than ${most} bytes`, 'Check that it is the right file.', what);

/** The errors of the parser have codes of their own. */
function byReason(error: unknown, wanted: Wanted): unknown {
  if (error instanceof AppError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code.endsWith('_LIMIT')) return refused('There are too many parts in the form', howTo(wanted), 'body');
  return new AppError('INVALID_ARGUMENT', 'The form cannot be read to its end', {
    fix: 'Send it again, whole, as multipart/form-data.',
    details: { field: 'body' },
    cause: error,
  });
}
