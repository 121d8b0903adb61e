import { type ScopedVars, type TimeRange, type TypedVariableModel, getDefaultTimeRange } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';
import { type SceneObject, sceneGraph } from '@grafana/scenes';

const variablePattern = /\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]/g;

type SceneWindow = typeof window & { __grafanaSceneContext?: SceneObject };
type Format = string | ((value: unknown, variable: unknown) => string);

/** Fills `$variables`: within a scene by the scene, as Grafana does; elsewhere from the scoped variables and the time range. */
export class HostTemplateSrv implements TemplateSrv {
  private timeRange: TimeRange = getDefaultTimeRange();

  getVariables(): TypedVariableModel[] {
    return [];
  }

  replace(target = '', scopedVars?: ScopedVars, format?: string | Function): string {
    const scene = sceneOf(scopedVars);
    if (scene) {
      return sceneGraph.interpolate(scene, target, scopedVars, format as never);
    }
    return target.replace(variablePattern, (match, bare, braced, bracedFormat, bracketed, bracketedFormat) => {
      const value = this.valueOf(bare ?? braced ?? bracketed, scopedVars);
      return value === undefined
        ? match
        : formatValue(value, bracedFormat ?? bracketedFormat ?? (format as Format | undefined));
    });
  }

  containsTemplate(target = ''): boolean {
    return target.search(variablePattern) >= 0;
  }

  updateTimeRange(timeRange: TimeRange): void {
    this.timeRange = timeRange;
  }

  private valueOf(name: string, scopedVars: ScopedVars = {}): unknown {
    if (Object.hasOwn(scopedVars, name)) {
      return scopedVars[name]?.value;
    }
    return name === '__from'
      ? this.timeRange.from.valueOf()
      : name === '__to'
        ? this.timeRange.to.valueOf()
        : undefined;
  }
}

function sceneOf(scopedVars?: ScopedVars): SceneObject | undefined {
  const own = scopedVars?.__sceneObject?.value as { valueOf(): SceneObject } | undefined;
  if (own) {
    return own.valueOf();
  }
  const current = (window as SceneWindow).__grafanaSceneContext;
  return current?.isActive ? current : undefined;
}

function formatValue(value: unknown, format: Format | undefined): string {
  if (typeof format === 'function') {
    return format(value, {});
  }
  const values = (Array.isArray(value) ? value : [value]).map(String);
  if (format === 'regex') {
    const escaped = values.map((one) => one.replace(/[\\^$*+?.()|[\]{}/]/g, '\\$&'));
    return escaped.length === 1 ? (escaped[0] as string) : `(${escaped.join('|')})`;
  }
  if (format === 'pipe') {
    return values.join('|');
  }
  return values.length === 1 ? (values[0] as string) : `{${values.join(',')}}`;
}
