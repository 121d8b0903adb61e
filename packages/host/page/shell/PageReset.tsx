import { Global } from '@emotion/react';

/** What Grafana's stylesheet file does before any theme: browsers' own margins away, one box model, quiet lists and buttons. */
export function PageReset() {
  return (
    <Global
      styles={{
        '*, *::before, *::after': { boxSizing: 'border-box' },
        'html, body': { margin: 0 },
        'h1, h2, h3, h4, h5, h6, p, dl, figure': { marginTop: 0 },
        'ul, ol': { marginTop: 0, paddingLeft: 16 },
        'button, input, select, textarea': { font: 'inherit', color: 'inherit', margin: 0 },
        button: { cursor: 'pointer' },
        a: { textDecoration: 'none', color: 'inherit' },
        'img, svg': { verticalAlign: 'middle' },
        table: { borderCollapse: 'collapse', borderSpacing: 0 },
        'pre, code, kbd, samp': { fontFamily: 'monospace' },
        dd: { marginLeft: 0 },
      }}
    />
  );
}
