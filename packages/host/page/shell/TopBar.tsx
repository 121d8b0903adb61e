import { css, cx } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { config } from '@grafana/runtime';
import { Dropdown, Icon, IconButton, Menu, ToolbarButton, useStyles2 } from '@grafana/ui';
import { useEffect, useState } from 'react';
import { NavLink, useLocation } from 'react-router-dom';
import { homeUrl, hostBoot } from './hostBoot';
import { topBarHeight } from './topBarHeight';

/** Navigation, theme and person. On narrow screens the navigation hides behind a button. */
export function TopBar({ onToggleTheme }: { onToggleTheme: () => void }) {
  const styles = useStyles2(getStyles);
  const [open, setOpen] = useState(false);
  const { pathname } = useLocation();
  useEffect(() => setOpen(false), [pathname]);
  return (
    <header className={styles.bar}>
      <ToolbarButton
        className={styles.menuButton}
        icon={open ? 'times' : 'bars'}
        aria-label={open ? 'Close menu' : 'Open menu'}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      />
      <NavLink to={homeUrl()} className={styles.brand}>
        <img src="/public/plugins/dfr-ops-app/img/logo.svg" alt="" width={24} height={24} />
        DFR Ops
      </NavLink>
      <nav className={cx(styles.nav, open && styles.navOpen)} aria-label="Main">
        {hostBoot.nav.map(({ text, url }) => (
          <NavLink key={url} to={url} className={({ isActive }) => cx(styles.link, isActive && styles.active)}>
            {text}
          </NavLink>
        ))}
      </nav>
      <span className={styles.grow} />
      <IconButton
        name="adjust-circle"
        size="lg"
        tooltip={config.theme2.isDark ? 'Light theme' : 'Dark theme'}
        onClick={onToggleTheme}
      />
      <Person />
    </header>
  );
}

function Person() {
  const styles = useStyles2(getStyles);
  const { name, login, orgRole } = config.bootData.user;
  const menu = (
    <Menu header={`${name} (${login})`}>
      <Menu.Item label={`Role: ${orgRole}`} icon="user" disabled />
      <Menu.Item label="Log out" icon="signout" onClick={() => void logOut()} />
    </Menu>
  );
  return (
    <Dropdown overlay={menu} placement="bottom-end">
      <button type="button" className={styles.person} aria-label={`${login}, ${orgRole}`}>
        <Icon name="user" />
        <span className={styles.personName}>{login}</span>
        <span className={styles.role}>{orgRole}</span>
      </button>
    </Dropdown>
  );
}

async function logOut(): Promise<void> {
  await fetch('/logout', { method: 'POST' });
  window.location.assign('/login');
}

const getStyles = (theme: GrafanaTheme2) => {
  const narrow = theme.breakpoints.down('lg');
  return {
    bar: css({
      position: 'sticky',
      top: 0,
      zIndex: theme.zIndex.navbarFixed,
      display: 'flex',
      alignItems: 'center',
      gap: theme.spacing(1),
      height: topBarHeight,
      padding: theme.spacing(0, 2),
      background: theme.colors.background.primary,
      borderBottom: `1px solid ${theme.colors.border.weak}`,
    }),
    brand: css({
      display: 'flex',
      alignItems: 'center',
      gap: theme.spacing(1),
      fontWeight: theme.typography.fontWeightMedium,
      whiteSpace: 'nowrap',
      marginRight: theme.spacing(2),
    }),
    menuButton: css({ display: 'none', [narrow]: { display: 'inline-flex' } }),
    nav: css({
      display: 'flex',
      alignSelf: 'stretch',
      [narrow]: {
        display: 'none',
        position: 'absolute',
        top: topBarHeight,
        left: 0,
        right: 0,
        flexDirection: 'column',
        background: theme.colors.background.primary,
        borderBottom: `1px solid ${theme.colors.border.weak}`,
        boxShadow: theme.shadows.z3,
      },
    }),
    navOpen: css({ [narrow]: { display: 'flex' } }),
    link: css({
      position: 'relative',
      display: 'flex',
      alignItems: 'center',
      padding: theme.spacing(0, 1.5),
      color: theme.colors.text.secondary,
      whiteSpace: 'nowrap',
      '&:hover': { color: theme.colors.text.primary, background: theme.colors.action.hover },
      [narrow]: { padding: theme.spacing(1.5, 2) },
    }),
    active: css({
      color: theme.colors.text.primary,
      '&::after': {
        content: '""',
        position: 'absolute',
        left: 0,
        right: 0,
        bottom: 0,
        height: 2,
        background: theme.colors.gradients.brandHorizontal,
      },
      [narrow]: {
        '&::after': {
          top: 0,
          right: 'auto',
          width: 3,
          height: 'auto',
          background: theme.colors.gradients.brandVertical,
        },
      },
    }),
    grow: css({ flexGrow: 1 }),
    person: css({
      display: 'flex',
      alignItems: 'center',
      gap: theme.spacing(0.5),
      padding: theme.spacing(0.5, 1),
      background: 'none',
      border: 'none',
      color: theme.colors.text.primary,
      borderRadius: theme.shape.radius.default,
      '&:hover': { background: theme.colors.action.hover },
    }),
    personName: css({ [theme.breakpoints.down('sm')]: { display: 'none' } }),
    role: css({
      padding: theme.spacing(0, 0.75),
      borderRadius: theme.shape.radius.pill,
      background: theme.colors.background.secondary,
      color: theme.colors.text.secondary,
      fontSize: theme.typography.bodySmall.fontSize,
    }),
  };
};
