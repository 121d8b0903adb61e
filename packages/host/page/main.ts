import 'systemjs/dist/system.js';
import 'systemjs/dist/extras/amd.js';
import { startHost } from './startHost';

void startHost();
