import React from 'react';
import { render, screen, within } from '@testing-library/react';
import { buildRun } from '../../test/buildAction';
import { ago } from '../../test/buildAlert';
import { RunProgress } from './RunProgress';

it('each step bears the icon of where it is, however fast the run goes', () => {
  const { rerender } = render(<RunProgress run={buildRun()} />);
  const icons = () => screen.getAllByRole('listitem').map((step) => within(step).getByTestId(/./).dataset.testid);
  expect(icons()).toEqual(['arrow-right', 'circle', 'circle', 'circle']);
  rerender(<RunProgress run={buildRun({ state: 'verifying', startedAt: ago(2), actedAt: ago(1) })} />);
  expect(icons()).toEqual(['check-circle', 'check-circle', 'arrow-right', 'circle']);
  rerender(<RunProgress run={buildRun({ state: 'succeeded', startedAt: ago(2), actedAt: ago(1) })} />);
  expect(icons()).toEqual(['check-circle', 'check-circle', 'check-circle', 'check-circle']);
});
