import { STATUS_CODES } from 'node:http';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import * as contracts from '@dfr-ops/contracts';
import { version } from '../version.ts';
import { operations, tags } from './operations.ts';

/** What is read and written here of an operation, as @fastify/swagger makes it. */
interface Described {
  operationId?: string;
  tags?: string[];
  summary?: string;
  security?: Array<Record<string, string[]>>;
  parameters?: Array<{ in: string }>;
  requestBody?: unknown;
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
}

interface Document {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, unknown> };
}

const securitySchemes = {
  routeSecret: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Dfr-Ops-Secret',
    description: 'Added by the proxy route of the datasource; no browser holds it.',
  },
  grafanaIdentity: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Grafana-Id',
    description: 'The JWT (ES256) by which Grafana says who asks.',
  },
  webhookToken: { type: 'http', scheme: 'bearer', description: 'The content of DFR_OPS_WEBHOOK_TOKEN_FILE.' },
  receiptToken: {
    type: 'apiKey',
    in: 'query',
    name: 'token',
    description: 'Made by the service from its webhook token.',
  },
  providerSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Twilio-Signature',
    description: 'HMAC-SHA1 by the content of SMS_PROVIDER_TOKEN_FILE over the address and the fields.',
  },
} as const;

const described = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(contracts)) {
  // Queries are taken apart into parameters, which a reference cannot be.
  if (schema instanceof z.ZodType && !/Query$|^LabelFilter$/.test(id)) {
    described.add(schema, { id });
  }
}
const nameSchemas = createJsonSchemaTransformObject({ schemaRegistry: described });

/** Settings of @fastify/swagger: an OpenAPI 3.1 document of the contracts' schemas and of what operations.ts says. */
export const openapiOptions: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'DFR Ops action service',
      version,
      description:
        'Every error is a problem of RFC 9457 with a code for programs and, for people, what happened, why and what to do.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as never,
    },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    components: { securitySchemes },
  },
  transform: createJsonSchemaTransform({ schemaRegistry: described }),
  transformObject: (document) => {
    const named = nameSchemas(document) as unknown as Document;
    for (const [path, methods] of Object.entries(named.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        describe(`${method.toUpperCase()} ${path}`, operation);
      }
    }
    dropUnused(named);
    return named as never;
  },
};

/** The contracts have schemas of other wires too, and each in two forms: as it is read and as it is written. */
function dropUnused({ paths, components }: Document): void {
  const all = components.schemas;
  const used = new Set<string>();
  const use = (part: unknown) => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (name && !used.has(name)) {
        used.add(name);
        use(all[name]);
      }
    }
  };
  use(paths);
  components.schemas = Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)));
}

function describe(route: string, operation: Described): void {
  const told = operations[route];
  if (!told) {
    return;
  }
  operation.operationId = told.id;
  operation.tags = [told.tag];
  operation.summary = told.summary;
  operation.security = securityOf(route);
  for (const range of ['4XX', '5XX']) {
    delete operation.responses[range];
  }
  const statuses = [...new Set([...commonProblems(route, operation), ...(told.problems ?? [])])];
  for (const status of statuses.sort((a, b) => a - b)) {
    operation.responses[status] = {
      description: STATUS_CODES[status]!,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDetails' } } },
    };
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    response.description = STATUS_CODES[status] ?? response.description;
  }
  if (told.also) {
    operation.responses[200]!.content = {
      ...operation.responses[200]?.content,
      [told.also]: { schema: { type: 'string' } },
    };
  }
}

function securityOf(route: string): Array<Record<string, string[]>> {
  if (route.includes(' /api/v1/')) {
    return [{ routeSecret: [], grafanaIdentity: [] }];
  }
  if (route.includes(' /doctor') || route.endsWith('/hooks/console')) {
    return [{ routeSecret: [] }];
  }
  if (route.endsWith('/hooks/sms-status')) {
    return [{ providerSignature: [] }];
  }
  if (route.includes(' /hooks/')) {
    return [route.endsWith('sms-delivery') ? { receiptToken: [] } : { webhookToken: [] }];
  }
  return [];
}

/** Errors that a route has for the way in which it is asked: who asks, with what, how often, and whether the store answers. */
function commonProblems(route: string, { parameters, requestBody }: Described): number[] {
  const guarded = securityOf(route).flatMap((one) => Object.keys(one));
  return [
    ...(guarded.includes('grafanaIdentity') || route.includes(' /hooks/') ? [401] : []),
    ...(guarded.includes('routeSecret') ? [403] : []),
    ...(guarded.length > 0 ? [429, 500, 503] : []),
    ...(parameters || requestBody || route.startsWith('POST') ? [400] : []),
    ...(route.includes('{') ? [414] : []),
    ...(route.startsWith('POST') ? [413, 415] : []),
  ];
}
