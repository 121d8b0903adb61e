import { type GrafanaTheme2, getThemeById } from '@grafana/data';
import { ThemeChangedEvent, config, getAppEvents } from '@grafana/runtime';
import { useCallback, useState } from 'react';

const cookieSeconds = 365 * 86_400;

/** The theme and how to switch it; the choice is kept in a cookie that the server reads for the next page. */
export function useHostTheme(): { theme: GrafanaTheme2; toggle: () => void } {
  const [theme, setTheme] = useState(config.theme2);
  const toggle = useCallback(() => {
    const next = getThemeById(config.theme2.isDark ? 'light' : 'dark');
    config.theme2 = next;
    config.theme = next.v1;
    config.bootData.user.lightTheme = next.isLight;
    config.bootData.user.theme = next.isLight ? 'light' : 'dark';
    document.cookie = `dfr_host_theme=${config.bootData.user.theme}; path=/; max-age=${cookieSeconds}; samesite=strict`;
    document.body.style.background = '';
    setTheme(next);
    getAppEvents().publish(new ThemeChangedEvent(next));
  }, []);
  return { theme, toggle };
}
