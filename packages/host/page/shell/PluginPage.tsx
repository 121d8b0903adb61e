import { css } from '@emotion/css';
import { type GrafanaTheme2, type NavModelItem, PageLayoutType } from '@grafana/data';
import type { PluginPageProps } from '@grafana/runtime';
import { Tab, TabsBar, Text, TextLink, useStyles2 } from '@grafana/ui';
import { useLocation } from 'react-router';
import { hostBoot } from './hostBoot';

/** `<PluginPage>` of @grafana/runtime: title, breadcrumbs, actions and tabs around an app's page. */
export function PluginPage({ children, pageNav, actions, info, layout, renderTitle, subTitle }: PluginPageProps) {
  const styles = useStyles2(getStyles);
  const { pathname } = useLocation();
  const title = pageNav?.text ?? hostBoot.nav.find(({ url }) => pathname.startsWith(url))?.text ?? '';
  document.title = title === '' ? 'DFR Ops' : `${title} - DFR Ops`;
  if (layout === PageLayoutType.Custom) {
    return <>{children}</>;
  }
  const under = subTitle ?? pageNav?.subTitle;
  return (
    <div className={layout === PageLayoutType.Canvas ? styles.canvas : styles.page}>
      <Breadcrumbs item={pageNav?.parentItem} />
      <div className={styles.head}>
        <div>
          {renderTitle ? renderTitle(title) : <Text element="h1">{title}</Text>}
          {under && <div className={styles.under}>{under}</div>}
        </div>
        {info && (
          <dl className={styles.info}>
            {info.map(({ label, value }, index) => (
              <div key={index}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {pageNav?.children && pageNav.children.length > 0 && <Tabs items={pageNav.children} />}
      <div className={styles.content}>{children}</div>
    </div>
  );
}

function Breadcrumbs({ item }: { item?: NavModelItem }) {
  const styles = useStyles2(getStyles);
  const items: NavModelItem[] = [];
  for (let parent = item; parent; parent = parent.parentItem) {
    items.unshift(parent);
  }
  if (items.length === 0) {
    return null;
  }
  return (
    <nav aria-label="Breadcrumbs" className={styles.crumbs}>
      {items.map(({ text, url }) => (
        <span key={text}>
          {url ? (
            <TextLink href={url} inline={false} color="secondary" variant="bodySmall">
              {text}
            </TextLink>
          ) : (
            text
          )}{' '}
          /&nbsp;
        </span>
      ))}
    </nav>
  );
}

function Tabs({ items }: { items: NavModelItem[] }) {
  return (
    <TabsBar>
      {items
        .filter(({ hideFromTabs }) => !hideFromTabs)
        .map(({ text, url, active, icon, tabSuffix }) => (
          <Tab key={text} label={text} href={url} active={active} icon={icon} suffix={tabSuffix} />
        ))}
    </TabsBar>
  );
}

const getStyles = (theme: GrafanaTheme2) => {
  const page = {
    display: 'flex',
    flexDirection: 'column' as const,
    flexGrow: 1,
    gap: theme.spacing(2),
    padding: theme.spacing(3),
    [theme.breakpoints.down('md')]: { padding: theme.spacing(2, 1) },
  };
  return {
    page: css({ ...page, background: theme.colors.background.primary, borderLeft: 0 }),
    canvas: css({ ...page, padding: theme.spacing(2) }),
    content: css({ flexGrow: 1, minWidth: 0 }),
    head: css({
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'flex-start',
      gap: theme.spacing(1, 3),
      '& h1': { margin: 0 },
    }),
    under: css({ color: theme.colors.text.secondary, marginTop: theme.spacing(0.5) }),
    info: css({
      display: 'flex',
      gap: theme.spacing(3),
      margin: 0,
      '& dt': { color: theme.colors.text.secondary },
      '& dd': { margin: 0 },
    }),
    actions: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), marginLeft: 'auto' }),
    crumbs: css({ display: 'flex', color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
  };
};
