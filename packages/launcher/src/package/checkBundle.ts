import {
  bundlesNothingOfGrafana,
  hasDecentScripts,
  hasDecentSources,
  hasSourceMaps,
  makesNoCode,
} from './codeRules.ts';
import { hasChangelog, hasLicense, hasNoPlaceholders, hasReadme } from './documentRules.ts';
import { fitsItsSignature, hasModules, hasOnlyKnownFiles } from './fileRules.ts';
import type { Expected, Finding, Rule } from './finding.ts';
import { hasLogos, hasScreenshots } from './imageRules.ts';
import { includesAllDashboards, includesDashboards, includesNestedPlugins, includesPages } from './includesRules.ts';
import { hasKnownFields, isNamedByType, isOfOneBuild, namesGrafanaRange } from './metadataRules.ts';
import type { Bundle } from './readBundle.ts';

/**
 * What Grafana's plugin validator asks of an archive, as far as it concerns this bundle and can be told from its files,
 * and some points of our own. Left out: what the validator asks of the network (is the version newer than the published
 * one, do links answer, are dependencies vulnerable) and what is about Go binaries.
 */
const rules: readonly Rule[] = [
  hasKnownFields,
  isNamedByType,
  isOfOneBuild,
  namesGrafanaRange,
  includesNestedPlugins,
  includesPages,
  includesDashboards,
  includesAllDashboards,
  hasLogos,
  hasScreenshots,
  hasReadme,
  hasChangelog,
  hasLicense,
  hasNoPlaceholders,
  hasOnlyKnownFiles,
  hasModules,
  hasDecentScripts,
  hasSourceMaps,
  bundlesNothingOfGrafana,
  makesNoCode,
  hasDecentSources,
  fitsItsSignature,
];

/** Everything that is wrong with a bundle; none when it may be packaged. */
export function checkBundle(bundle: Bundle, expected: Expected): Finding[] {
  return rules.flatMap((rule) => rule(bundle, expected));
}
