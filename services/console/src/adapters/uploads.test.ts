import multipart from '@fastify/multipart';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { readUpload } from './uploads.ts';

test('what came is zeroed when it was used', async () => {
  await using app = fastify();
  await app.register(multipart);
  const held: Buffer[] = [];
  app.post('/', async (request) => {
    using upload = await readUpload(request, { files: ['key', 'password'], fields: [] });
    held.push(...Object.values(upload.files));
    return held.map(String);
  });
  const form = new FormData();
  form.append('key', new Blob(['secret']));
  form.append('password', new Blob(['another']));
  const request = new Request('http://console.example', { method: 'POST', body: form });
  const headers = { 'content-type': request.headers.get('content-type') ?? '' };
  const body = Buffer.from(await request.arrayBuffer());
  const { payload } = await app.inject({ method: 'POST', url: '/', payload: body, headers });
  expect(JSON.parse(payload)).toEqual(['secret', 'another']);
  expect(held).toEqual([Buffer.alloc(6), Buffer.alloc(7)]);
});
