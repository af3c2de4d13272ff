/**
 * What grpc.health.v1 looks like, for reflection: the library that serves it brings no descriptor, and without one
 * `buf curl` and the like cannot ask for a server's health. Field numbers are those of descriptor.proto.
 */

/** A length-delimited field of less than 16 KiB. */
const field = (number: number, value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value);
  const length = bytes.length < 128 ? [bytes.length] : [(bytes.length % 128) + 128, bytes.length >> 7];
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
};
const number = (field: number, value: number): Buffer => Buffer.from([field << 3, value]);
const element = (name: string, ...fields: readonly Buffer[]): Buffer =>
  Buffer.concat([field(1, name), ...fields]);

const OPTIONAL = 1;
const STRING = 9;
const ENUM = 14;
const PACKAGE = 'grpc.health.v1';
const REQUEST = `.${PACKAGE}.HealthCheckRequest`;
const RESPONSE = `.${PACKAGE}.HealthCheckResponse`;

const member = (name: string, type: number, ...more: readonly Buffer[]): Buffer =>
  field(2, element(name, number(3, 1), number(4, OPTIONAL), number(5, type), ...more));
const statuses = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'].map((name, index) =>
  field(2, element(name, number(2, index))),
);
const method = (name: string, ...more: readonly Buffer[]): Buffer =>
  field(2, element(name, field(2, REQUEST), field(3, RESPONSE), ...more));

export const HEALTH_SERVICE = `${PACKAGE}.Health`;

/** A google.protobuf.FileDescriptorSet of one file. Sets are merged by putting them one behind the other. */
export const HEALTH_DESCRIPTOR_SET: Uint8Array = field(
  1,
  element(
    'grpc/health/v1/health.proto',
    field(2, PACKAGE),
    field(4, element('HealthCheckRequest', member('service', STRING))),
    field(
      4,
      element(
        'HealthCheckResponse',
        member('status', ENUM, field(6, `${RESPONSE}.ServingStatus`)),
        field(4, element('ServingStatus', ...statuses)),
      ),
    ),
    field(6, element('Health', method('Check'), method('Watch', number(6, 1)))),
    field(12, 'proto3'),
  ),
);
