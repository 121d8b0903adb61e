import React from 'react';
import { AppPlugin } from '@grafana/data';
import { Severity } from '@dfr-ops/contracts';
export const plugin = new AppPlugin<{}>().setRootPage(() => <div>{String(Severity.options)}</div>);
