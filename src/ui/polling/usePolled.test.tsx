import { act, renderHook } from '@testing-library/react';
import { usePolled } from './usePolled';

beforeEach(() => jest.useFakeTimers());
afterEach(() => {
  jest.useRealTimers();
  hide(false);
});

function hide(hidden: boolean) {
  Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
  document.dispatchEvent(new Event('visibilitychange'));
}

const pass = (ms: number) => act(() => jest.advanceTimersByTimeAsync(ms));

test('asks at once and then again, and keeps the last good answer while later ones fail', async () => {
  const load = jest
    .fn()
    .mockResolvedValueOnce('first')
    .mockRejectedValueOnce(new Error('gone'))
    .mockResolvedValue('third');
  const { result } = renderHook(() => usePolled<string>(load, 'key', 1000));
  await pass(0);
  expect(result.current).toMatchObject({ data: 'first', error: undefined, loading: false });
  await pass(1000);
  expect(result.current.data).toBe('first');
  expect(result.current.error?.message).toBe('gone');
  await pass(1000);
  expect(result.current).toMatchObject({ data: 'third', error: undefined });
});

test('asks nothing while the page is hidden, and at once when it is seen again', async () => {
  const load = jest.fn().mockResolvedValue('answer');
  renderHook(() => usePolled<string>(load, 'key', 1000));
  await pass(0);
  act(() => hide(true));
  await pass(10_000);
  expect(load).toHaveBeenCalledTimes(1);
  act(() => hide(false));
  await pass(0);
  expect(load).toHaveBeenCalledTimes(2);
});

test('one request at a time, however slow', async () => {
  const load = jest.fn(() => new Promise<string>(() => {}));
  renderHook(() => usePolled<string>(load, 'key', 1000));
  await pass(5000);
  act(() => hide(false));
  expect(load).toHaveBeenCalledTimes(1);
});

test('a late answer to a former key is dropped', async () => {
  let answerFirst = (_: string) => {};
  const load = jest
    .fn()
    .mockReturnValueOnce(new Promise<string>((resolve) => (answerFirst = resolve)))
    .mockResolvedValue('second');
  const { result, rerender } = renderHook(({ key }) => usePolled<string>(load, key, null), {
    initialProps: { key: 'a' },
  });
  rerender({ key: 'b' });
  await pass(0);
  answerFirst('first');
  await pass(0);
  expect(result.current.data).toBe('second');
});
