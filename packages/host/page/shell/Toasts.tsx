import { css } from '@emotion/css';
import { AppEvents, type BusEvent, type BusEventType, type GrafanaTheme2 } from '@grafana/data';
import { getAppEvents } from '@grafana/runtime';
import { Alert, type AlertVariant, useStyles2 } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { topBarHeight } from './topBarHeight';

interface Toast {
  id: number;
  severity: AlertVariant;
  title: string;
  text: string;
}

interface AlertEvent extends BusEvent {
  payload?: unknown;
}

const kinds: Array<[type: string, severity: AlertVariant, shownMs: number]> = [
  [AppEvents.alertSuccess.name, 'success', 3000],
  [AppEvents.alertInfo.name, 'info', 5000],
  [AppEvents.alertWarning.name, 'warning', 5000],
  [AppEvents.alertError.name, 'error', 7000],
];

let lastId = 0;

/** Shows the alerts that plugins publish as application events; each leaves by itself. */
export function Toasts() {
  const styles = useStyles2(getStyles);
  const [toasts, setToasts] = useState<Toast[]>([]);
  const remove = (id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id));

  useEffect(() => {
    const subscriptions = kinds.map(([type, severity, shownMs]) =>
      getAppEvents()
        .getStream<AlertEvent>({ type } as BusEventType<AlertEvent>)
        .subscribe((event) => {
          const [title = '', text = ''] = ([event.payload].flat() as unknown[]).map(asText);
          const id = ++lastId;
          setToasts((shown) => [
            ...shown.filter((toast) => toast.title !== title || toast.text !== text),
            { id, severity, title, text },
          ]);
          setTimeout(() => remove(id), shownMs);
        })
    );
    return () => subscriptions.forEach((subscription) => subscription.unsubscribe());
  }, []);

  return (
    <div className={styles.toasts} role="status">
      {toasts.map(({ id, severity, title, text }) => (
        <Alert key={id} severity={severity} title={title} elevated onRemove={() => remove(id)}>
          {text}
        </Alert>
      ))}
    </div>
  );
}

function asText(value: unknown): string {
  return value instanceof Error ? value.message : value === undefined || value === null ? '' : String(value);
}

const getStyles = (theme: GrafanaTheme2) => ({
  toasts: css({
    position: 'fixed',
    top: topBarHeight + 8,
    right: 8,
    left: 8,
    marginLeft: 'auto',
    maxWidth: 420,
    zIndex: theme.zIndex.portal,
    pointerEvents: 'none',
    '& > *': { pointerEvents: 'auto' },
  }),
});
