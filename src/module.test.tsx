import { plugin } from './module';

it('has a root page', () => {
  expect(plugin.root).toBeDefined();
});
