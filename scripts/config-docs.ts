import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { configShape } from '../src/config/schema.ts';
import { SERVER_NAME } from '../src/config/server-name.ts';
import { plainServer, sentryServer } from '../src/config/server-schema.ts';
import { sentryToolsPage } from './sentry-docs.ts';

type JsonSchema = z.core.JSONSchema.JSONSchema;

const INTRO = `# Config

Generated from \`src/config/schema.ts\` and \`src/config/server-schema.ts\` by \`npm run docs\`. Do not edit it.

The config is \`ecosystem.config.ts\` (or \`.mts\`, \`.js\`, \`.mjs\`, \`.json\`) in the working directory, or the file that \`--config FILE\` names. Its folder is the project: relative paths start there.

\`\`\`ts
import { defineConfig, sentry } from 'mcp-supervisor';

export default defineConfig({
  servers: {
    sentry: sentry({ version: '0.39.0' }),
    files: { command: 'npx', args: ['-y', '@modelcontextprotocol/server-filesystem', '.'] },
    own: { command: 'node', args: ['server.js'], env: { API_KEY: '\${MY_KEY}', REGION: '\${REGION:-eu}' } },
  },
});
\`\`\`

A JSON config has the same keys; a Sentry server is \`{ "preset": "sentry", … }\`. For completion in an editor set \`"$schema": "./node_modules/mcp-supervisor/docs/ecosystem.schema.json"\`.

\`\${VAR}\` is replaced in \`command\`, \`args\`, \`env\`, \`cwd\`, and in the Sentry server's \`organizationSlug\`, \`projectSlug\` and \`host\`. \`\${VAR:-default}\` has a default for a variable that is unset or empty. \`$\${\` stands for a literal \`\${\`. A variable that nobody gives blocks the server that needs it, and no other.

In \`warnings.webhook\` it is replaced from the project's \`envFiles\` only; without its variable the webhook is off, with a warning. [warnings.md](warnings.md#where-they-go) says what is posted.

A key that is not listed here is an error. All problems are reported at once. A change of the config is applied when it is saved; a broken one keeps the last good one in force. What the config imports is loaded again with it, but is not watched.
`;

/** The files under \`docs\` that follow from the source, by path. */
export function generatedDocs(): Readonly<Record<string, string>> {
  return {
    'docs/config.md': configPage(),
    'docs/sentry-tools.md': sentryToolsPage(),
    'docs/ecosystem.schema.json': `${JSON.stringify(configSchema(), null, 2)}\n`,
  };
}

function configSchema(): JsonSchema {
  const server = z.union([
    plainServer.meta({ id: 'plainServer' }),
    sentryServer.meta({ id: 'sentryServer' }),
  ]);
  const servers = z.record(z.string().regex(SERVER_NAME), server);
  const config = configShape.extend({ servers: servers.meta(configShape.shape.servers.meta() ?? {}) });
  return { title: 'mcp-supervisor config', ...jsonSchemaOf(config) };
}

function configPage(): string {
  const [plain, sentry] = [jsonSchemaOf(plainServer), jsonSchemaOf(sentryServer)];
  const isCommon = (key: string) => isDeepStrictEqual(plain.properties?.[key], sentry.properties?.[key]);
  return [
    INTRO,
    section('Top level', jsonSchemaOf(configShape)),
    section('Every server', plain, isCommon),
    section('A plain server', plain, (key) => !isCommon(key)),
    section('A Sentry server: `sentry({ … })`', sentry, (key) => !isCommon(key)),
  ].join('\n');
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // Of no use to anybody: every integer has it.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      // What JSON cannot say, such as a RegExp, a JSON config cannot have.
      if (['custom', 'undefined'].includes(zodSchema._zod.def.type)) jsonSchema.not = {};
    },
  });
}

function section(title: string, schema: JsonSchema, keep: (key: string) => boolean = () => true): string {
  const head = '| key | type | default | what |\n| --- | --- | --- | --- |\n';
  return `## ${title}\n\n${head}${rows(schema, '', keep).join('')}`;
}

/** A row a key, and after an object those of its own keys. */
function rows(schema: JsonSchema, prefix: string, keep: (key: string) => boolean): string[] {
  const properties = Object.entries(schema.properties ?? {}) as [string, JsonSchema][];
  return properties
    .filter(([key]) => keep(key))
    .flatMap(([key, property]) => {
      const fallback = schema.required?.includes(key) ? 'required' : defaultText(property);
      const cells = [`\`${prefix}${key}\``, typeText(property), fallback, property.description ?? ''];
      const row = `| ${cells.map(cellText).join(' | ')} |\n`;
      const items = property.items as JsonSchema | undefined;
      const below = items?.properties ? rows(items, `${prefix}${key}[].`, () => true) : [];
      return [row, ...rows(property, `${prefix}${key}.`, () => true), ...below];
    });
}

/** A bar would end the cell, and `$<name>` would be an HTML tag. */
function cellText(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function defaultText({ default: value }: JsonSchema): string {
  // Of an object the keys have defaults, each in a row of its own.
  return value === undefined || isDeepStrictEqual(value, {}) ? '' : `\`${JSON.stringify(value)}\``;
}

function typeText(schema: JsonSchema): string {
  const { title, type, const: constant, enum: values, anyOf, items, additionalProperties: member } = schema;
  if (title !== undefined) return title;
  if (constant !== undefined) return `'${String(constant)}'`;
  if (values !== undefined) return values.map((value) => `'${String(value)}'`).join(' | ');
  if (anyOf !== undefined) return anyOf.map((option) => typeText(option as JsonSchema)).join(' | ');
  if (type === 'array') return `${typeText(items as JsonSchema)}[]`;
  if (typeof member === 'object') return `object of ${typeText(member)}s`;
  return String(type ?? 'object');
}
