import { css } from '@emotion/css';
import { type GrafanaTheme2, ThemeContext } from '@grafana/data';
import { GlobalStyles, ModalRoot, ModalsProvider, PortalContainer, useStyles2 } from '@grafana/ui';
import { Navigate, Route, Routes } from 'react-router';
import { AppPage } from '../pages/AppPage';
import { AppConfigPage } from '../pages/AppConfigPage';
import { DashboardPage } from '../pages/DashboardPage';
import { ExplorePage } from '../pages/ExplorePage';
import { Banner } from './Banner';
import { PageReset } from './PageReset';
import { HostRouter } from './HostRouter';
import { NotFound } from './NotFound';
import { Toasts } from './Toasts';
import { TopBar } from './TopBar';
import { homeUrl, hostBoot } from './hostBoot';
import { useHostTheme } from './useHostTheme';

/** The page around the plugin: what Grafana's own shell is to it. */
export function Shell() {
  const { theme, toggle } = useHostTheme();
  return (
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <PageReset />
      <ModalsProvider>
        <HostRouter>
          <Layout onToggleTheme={toggle} />
          <ModalRoot />
          <Toasts />
          <PortalContainer />
        </HostRouter>
      </ModalsProvider>
    </ThemeContext.Provider>
  );
}

function Layout({ onToggleTheme }: { onToggleTheme: () => void }) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.page}>
      <TopBar onToggleTheme={onToggleTheme} />
      {hostBoot.banner !== '' && <Banner text={hostBoot.banner} />}
      <main className={styles.main}>
        <Routes>
          <Route path="/" element={<Navigate to={homeUrl()} replace />} />
          <Route path="/a/:pluginId/*" element={<AppPage />} />
          <Route path="/plugins/:pluginId" element={<AppConfigPage />} />
          <Route path="/d/:uid/*" element={<DashboardPage />} />
          <Route path="/explore" element={<ExplorePage />} />
          <Route path="*" element={<NotFound />} />
        </Routes>
      </main>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({
    display: 'flex',
    flexDirection: 'column',
    minHeight: '100vh',
    background: theme.colors.background.canvas,
  }),
  main: css({ display: 'flex', flexDirection: 'column', flexGrow: 1, minWidth: 0 }),
});
