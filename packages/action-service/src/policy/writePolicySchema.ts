import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { policyJsonSchema } from './policySchema.ts';

/** Where the repository keeps it, beside the policy files. */
export const policySchemaFile = fileURLToPath(new URL('../../../../provisioning/policy.schema.json', import.meta.url));

/** The JSON schema of the policy file as it stands in the repository. */
export async function policySchemaText(): Promise<string> {
  return format(JSON.stringify(policyJsonSchema()), { ...(await resolveConfig(policySchemaFile)), parser: 'json' });
}

if (import.meta.main) {
  await writeFile(policySchemaFile, await policySchemaText());
}
