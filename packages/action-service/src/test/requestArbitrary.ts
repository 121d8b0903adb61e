import fc, { type Arbitrary } from 'fast-check';

/** As much of a JSON schema as the OpenAPI document uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
}

export interface OpenapiDocument {
  paths: Record<string, Record<string, DocumentedOperation>>;
  components: { schemas: Record<string, Schema> };
}

export interface DocumentedOperation {
  parameters?: Array<{ name: string; in: string; schema: Schema }>;
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, unknown> }>;
}

export interface GeneratedRequest {
  /** Method and path as the document has them. */
  route: string;
  method: string;
  /** The path with its parameters filled in, and the query. */
  url: string;
  /** The body's text; undefined: none. */
  body: string | undefined;
}

const nastyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    '‮⁦\ufeff',
    '../../etc/passwd',
    "'; DROP TABLE runs; --",
    '{{.}}${7*7}',
    '__proto__',
    'constructor',
    'NaN',
    '-1',
    '1e309',
    '9223372036854775808',
    '+275760-09-13T00:00:00.001Z',
    '-271821-04-19T23:59:59Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999+23:59'
  ),
  fc.constantFrom(201, 1000, 9000).map((length) => '🌾'.repeat(length / 2))
);
const nastyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-1, -0, 0, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, -(2 ** 63), 1.5, 8.64e15, 1e308, Number.MIN_VALUE)
);
const deep = fc.constantFrom(50, 800).map((depth) => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) {
    value = level % 2 === 0 ? [value] : { a: value };
  }
  return value;
});
const nasty: Arbitrary<unknown> = fc.oneof(
  nastyText,
  nastyNumber,
  fc.constantFrom(null, true, false, [], {}),
  fc.jsonValue({ maxDepth: 4 }),
  deep,
  fc.array(fc.integer(), { minLength: 2000, maxLength: 3000 })
);

/** Values as a schema asks for, most of them; the others are of another type, too large, too deep, or no text at all. */
export function valueOf(document: OpenapiDocument, schema: Schema, depth = 0): Arbitrary<unknown> {
  return fc.oneof({ weight: 5, arbitrary: fitting(document, schema, depth) }, { weight: 1, arbitrary: nasty });
}

function fitting(document: OpenapiDocument, schema: Schema, depth: number): Arbitrary<unknown> {
  if (schema.$ref) {
    return fitting(document, document.components.schemas[schema.$ref.split('/').at(-1)!]!, depth);
  }
  const choices =
    schema.anyOf ??
    schema.oneOf ??
    (Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : null);
  if (choices) {
    return fc.oneof(...choices.map((one) => valueOf(document, one, depth + 1)));
  }
  if (schema.const !== undefined || schema.enum) {
    return fc.constantFrom(...(schema.enum ?? [schema.const]));
  }
  return ofType(document, schema, depth);
}

function ofType(document: OpenapiDocument, schema: Schema, depth: number): Arbitrary<unknown> {
  switch (schema.type) {
    case 'string':
      return textOf(schema);
    case 'integer':
      return fc.integer({
        min: Math.max(schema.minimum ?? -10, -(2 ** 31)),
        max: Math.min(schema.maximum ?? 1000, 2 ** 31 - 1),
      });
    case 'number':
      return fc.double({ noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valueOf(document, schema.items ?? {}, depth + 1), {
        maxLength: Math.min(schema.maxItems ?? 3, 5),
      });
    case 'object':
      return objectOf(document, schema, depth);
    default:
      return nasty;
  }
}

function textOf({ format, minLength = 0, maxLength = 60 }: Schema): Arbitrary<string> {
  if (format === 'date-time') {
    return fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  }
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.max(minLength, Math.min(maxLength, 600)) });
}

function objectOf(document: OpenapiDocument, schema: Schema, depth: number): Arbitrary<object> {
  const properties = Object.entries(schema.properties ?? {});
  const others = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
  const values = Object.fromEntries(properties.map(([name, one]) => [name, valueOf(document, one, depth + 1)]));
  const known = fc.record(values, { requiredKeys: schema.required ?? [] });
  const more = fc.dictionary(nastyText, depth > 3 ? nasty : valueOf(document, others, depth + 1), { maxKeys: 3 });
  const free = properties.length === 0;
  return fc
    .tuple(
      known,
      fc.oneof({ weight: free ? 5 : 1, arbitrary: more }, { weight: free ? 1 : 8, arbitrary: fc.constant({}) })
    )
    .map(([one, other]) => ({ ...one, ...other }));
}

/** Requests to every route of the document; `ids` are some that exist. */
export function requestsOf(document: OpenapiDocument, ids: readonly string[]): Arbitrary<GeneratedRequest> {
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      requestTo(document, path, method.toUpperCase(), operation, ids)
    )
  );
  return fc.oneof(...routes);
}

function requestTo(
  document: OpenapiDocument,
  path: string,
  method: string,
  { parameters = [], requestBody }: DocumentedOperation,
  ids: readonly string[]
): Arbitrary<GeneratedRequest> {
  const inPath = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...ids) },
    nastyText.map(encode),
    fc.constantFrom('%00', '%ff', '%', '%2e%2e%2f', 'a%2Fb')
  );
  const query = parameters
    .filter((one) => one.in === 'query')
    .map(({ name, schema }) =>
      fc.option(
        valueOf(document, schema).map((value) => [name, value] as const),
        { nil: null }
      )
    );
  const schema = requestBody?.content['application/json']?.schema;
  const broken = fc.constantFrom(
    '{',
    '[[[[',
    '{"a":1e999}',
    '{"__proto__":{"x":1}}',
    '"\\ud800"',
    '\0',
    `[${'['.repeat(100_000)}`
  );
  const body = schema
    ? fc.oneof(
        { weight: 10, arbitrary: valueOf(document, schema).map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: broken }
      )
    : fc.oneof(fc.constant(undefined), fc.constant('{}'), broken);
  return fc.tuple(inPath, inPath, fc.tuple(...query), body).map(([first, second, asked, text]) => {
    const texts = [first, second];
    return {
      route: `${method} ${path}`,
      method,
      url: path.replaceAll(/\{\w+\}/g, () => texts.shift() || 'x') + queryOf(asked),
      body: method === 'GET' ? undefined : text,
    };
  });
}

function queryOf(asked: ReadonlyArray<readonly [string, unknown] | null>): string {
  const parts = asked
    .filter((one) => one !== null)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value.slice(0, 30) : [value]).map((one) => `${name}=${encode(one)}`)
    );
  // Longer heads than this Node refuses by itself.
  return parts.length > 0 ? `?${parts.join('&').slice(0, 12_000).replace(/%.?$/, '')}` : '';
}

function encode(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return encodeURIComponent(text.slice(0, 3000).replaceAll(/\p{Surrogate}/gu, '\ufffd'));
}
