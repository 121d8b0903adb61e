/** What the templates of a plugin's routes may read. */
export interface TemplateData {
  JsonData: Record<string, unknown>;
  SecureJsonData: Record<string, string>;
  URL: string;
}

/**
 * Fills the subset of Go's templates that routes use: `{{ .JsonData.x }}`, `{{ .SecureJsonData.x }}`, `{{ .URL }}`.
 * Throws on anything else and on a value that is missing or empty: Grafana would send the request regardless, the
 * stand-in does not.
 */
export function fillTemplate(template: string, data: TemplateData): string {
  const filled = template.replace(/\{\{-?\s*(.*?)\s*-?\}\}/g, (whole, expression: string) => {
    const value = lookUp(expression, data);
    if (value === undefined) {
      throw new Error(`${whole} is no field that a route may read.`);
    }
    if (typeof value !== 'string' || value === '') {
      throw new Error(`${whole} has no value in the datasource's settings.`);
    }
    return value;
  });
  if (filled.includes('{{')) {
    throw new Error('a template is not closed.');
  }
  return filled;
}

function lookUp(expression: string, data: TemplateData): unknown {
  if (expression === '.URL') {
    return data.URL;
  }
  const [, part, key] = /^\.(JsonData|SecureJsonData)\.(\w+)$/.exec(expression) ?? [];
  if (part === undefined || key === undefined) {
    return undefined;
  }
  return data[part as 'JsonData' | 'SecureJsonData'][key] ?? '';
}
