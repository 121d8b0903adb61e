import React, { type ReactElement } from 'react';
import { render } from '@testing-library/react';
import { MemoryRouter, useLocation } from 'react-router-dom';

/** Draws a page at a URL of the app; answers where the URL stands now. */
export function renderPage(page: ReactElement, url: string) {
  const here = { url };
  const Witness = () => {
    const { pathname, search } = useLocation();
    here.url = `${pathname}${search}`;
    return null;
  };
  const drawn = render(
    <MemoryRouter initialEntries={[url]} future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
      {page}
      <Witness />
    </MemoryRouter>
  );
  return { ...drawn, here };
}
