/**
 * Every flag of `npm start`: the help text and the parser both come from this list.
 * Plain JavaScript, because Node 20 reads it before anything is installed.
 */
export const startFlags = [
  {
    name: 'mode',
    value: 'native|compose',
    text: "How to run the servers. native: child processes from the system's packages. compose: Docker\n containers. Without it: native where Debian packages are at hand, else compose.",
  },
  {
    name: 'data',
    value: 'DIR',
    text: 'Where databases, samples, logs and secrets are kept. Default: /var/lib/dfr-ops as root,\n else $XDG_DATA_HOME/dfr-ops (~/.local/share/dfr-ops). A second start on it keeps its history.',
  },
  {
    name: 'port-base',
    value: 'N|auto',
    text: 'First of 21 consecutive loopback ports (default 42000; the page is at N). auto: any free ports.',
  },
  { name: 'no-install', text: 'Never install anything, neither npm nor apt packages: name what is missing and stop.' },
  { name: 'skip-build', text: 'Do not build the plugin bundle and the host page, even when their sources are newer.' },
  { name: 'no-drill', text: 'Skip the drill that the first start on fresh data runs.' },
  {
    name: 'exit',
    text: 'Run the drill, then stop everything; ends with 0 when it passed, else 1. With --no-drill:\n stop once everything is up.',
  },
  { name: 'help', text: 'Show this.' },
];

/** Offsets from the port base, in the order of the documentation. */
export const portOffsets = {
  host: 0,
  actionService: 1,
  prometheus: 2,
  alertmanager: 3,
  logStore: 4,
  odoo: 5,
  nginx: 6,
  nginxStatus: 7,
  postgresDfr: 8,
  postgresService: 9,
  mailSmtp: 10,
  mailHttp: 11,
  sms: 12,
  postgresExporter: 13,
  nginxExporter: 14,
  nodeExporter: 15,
  blackboxExporter: 16,
  sqlExporter: 17,
  mtail: 18,
  lokiGrpc: 19,
  backup: 20,
};

export function startHelp() {
  const lines = [
    'Usage: npm start -- [flags]',
    '',
    'Starts DFR Ops with the servers that it watches, on 127.0.0.1 only. Ctrl-C stops them all.',
    '',
  ];
  for (const flag of startFlags) {
    const head = `  --${flag.name}${flag.value ? ` ${flag.value}` : ''}`;
    const [first, ...rest] = flag.text.split('\n');
    lines.push(`${head.padEnd(26)}${first}`, ...rest.map((line) => ' '.repeat(26) + line.trim()));
  }
  lines.push('', 'Ports, counted from the port base:');
  const entries = Object.entries(portOffsets).map(([name, offset]) => `+${offset} ${name}`);
  for (let i = 0; i < entries.length; i += 5) {
    lines.push(
      `  ${entries
        .slice(i, i + 5)
        .map((e) => e.padEnd(21))
        .join('')}`.trimEnd()
    );
  }
  lines.push(
    '',
    'Environment:',
    '  GF_PATHS_HOME             An installed Grafana to start; without it, the one on the PATH.',
    '  GRAFANA_URL               A Grafana that runs already, to use instead. It has the bundle installed; its datasources',
    '                            of our uids and the people of the demonstration are set through its API, as the server',
    '                            administrator GRAFANA_USER (admin) whose password GRAFANA_PASSWORD_FILE holds.',
    '  XDG_DATA_HOME             Where data is kept when not root.'
  );
  lines.push('Then, on the running stack: npm run drill -- --list · npm run doctor');
  return lines.join('\n');
}

/**
 * Reads the flags. `--name value` and `--name=value` both work.
 * @returns {{flags: Record<string, string | true>, error: string | null}}
 */
export function parseStartFlags(args) {
  const flags = {};
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (arg === '-h') {
      flags.help = true;
      continue;
    }
    const [name, inline] = splitFlag(arg);
    const known = startFlags.find((flag) => flag.name === name);
    if (!known) {
      return { flags, error: `Unknown argument ${arg}. npm start -- --help lists the flags.` };
    }
    if (!known.value) {
      if (inline !== undefined) {
        return { flags, error: `--${name} takes no value.` };
      }
      flags[name] = true;
      continue;
    }
    const value = inline ?? args[++i];
    if (value === undefined || value.startsWith('--')) {
      return { flags, error: `--${name} needs a value: ${known.value}.` };
    }
    flags[name] = value;
  }
  return { flags, error: null };
}

function splitFlag(arg) {
  if (!arg.startsWith('--')) {
    return ['', undefined];
  }
  const at = arg.indexOf('=');
  return at < 0 ? [arg.slice(2), undefined] : [arg.slice(2, at), arg.slice(at + 1)];
}
