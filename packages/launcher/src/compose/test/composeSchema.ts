import { z } from 'zod';

/**
 * The part of the Compose Specification that docker-compose.yaml uses, unknown keys refused. The published packages of its
 * JSON schema are too old for `depends_on.required`. Source: github.com/compose-spec/compose-spec, 05-services.md.
 */
const Text = z.string().min(1);
const Duration = z.string().regex(/^(\d+(\.\d+)?(us|ms|s|m|h))+$/);
const Bytes = z.string().regex(/^\d+[kmg]b?$/);
const Texts = z.array(Text);
const TextMap = z.record(z.string(), z.string());

const Healthcheck = z.strictObject({
  // Either form runs in the container; the image has to hold the program.
  test: z.tuple([z.enum(['CMD', 'CMD-SHELL'])], Text),
  interval: Duration,
  timeout: Duration,
  retries: z.int().positive(),
  start_period: Duration,
});

const Build = z.strictObject({ context: Text, dockerfile: Text, target: Text });

const DependsOn = z.record(
  z.string(),
  z.strictObject({
    condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
    required: z.boolean().optional(),
    restart: z.boolean().optional(),
  })
);

const NetworkAttachment = z.strictObject({ aliases: Texts.optional(), ipv4_address: z.ipv4().optional() });

export const Service = z.strictObject({
  image: Text,
  build: Build.optional(),
  profiles: z.array(z.enum(['demo', 'monitor'])).min(1),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  user: z.string().regex(/^\d+:\d+$/),
  group_add: z.array(z.string().regex(/^\d+$/)).optional(),
  read_only: z.boolean(),
  init: z.boolean().optional(),
  cap_drop: Texts,
  security_opt: Texts,
  pids_limit: z.int().positive(),
  mem_limit: Bytes,
  shm_size: Bytes.optional(),
  tmpfs: z.array(z.string().startsWith('/')).optional(),
  stop_signal: z.string().startsWith('SIG').optional(),
  stop_grace_period: Duration.optional(),
  container_name: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/)
    .optional(),
  entrypoint: Texts.optional(),
  command: Texts.optional(),
  environment: TextMap.optional(),
  volumes: z.array(z.string().regex(/^[^:]+:\/[^:]*(:(ro|rw)(,rslave)?)?$/)).optional(),
  secrets: Texts.optional(),
  networks: z.union([Texts, z.record(z.string(), NetworkAttachment)]).optional(),
  network_mode: z.literal('none').optional(),
  extra_hosts: z.array(z.string().regex(/^[\w-]+:\d+(\.\d+){3}$/)).optional(),
  ports: z.array(z.string()).optional(),
  labels: TextMap,
  depends_on: DependsOn.optional(),
  healthcheck: Healthcheck,
  logging: z.strictObject({ driver: Text, options: TextMap }),
});
export type Service = z.infer<typeof Service>;

const Network = z.strictObject({
  internal: z.boolean().optional(),
  ipam: z
    .strictObject({ config: z.array(z.strictObject({ subnet: z.cidrv4(), ip_range: z.cidrv4().optional() })) })
    .optional(),
});

const Volume = z.strictObject({ driver: Text, driver_opts: TextMap });

export const ComposeFile = z.strictObject({
  name: Text,
  services: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), Service),
  networks: z.record(z.string(), Network),
  volumes: z.record(z.string(), Volume),
  secrets: z.record(z.string().regex(/^[a-zA-Z0-9._-]+$/), z.strictObject({ file: Text })),
});
export type ComposeFile = z.infer<typeof ComposeFile>;
