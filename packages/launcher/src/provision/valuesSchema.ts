import { z } from 'zod';
import { Values } from './values.ts';

/**
 * provisioning/values/schema.json, by which an editor completes and checks the values. What it cannot say, such as that one
 * duration must be longer than another, is only found when they are rendered. Nothing is required: demo.yaml holds differences.
 */
export function valuesSchema(): string {
  const schema = z.toJSONSchema(Values, {
    io: 'input',
    override: ({ jsonSchema }) => {
      delete jsonSchema.required;
    },
  });
  const described = {
    ...schema,
    title: "Values of DFR Ops' monitoring",
    description: 'npm run provision renders them.',
  };
  return JSON.stringify(described, null, 2) + '\n';
}
