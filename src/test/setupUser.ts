import userEvent, { PointerEventsCheckLevel } from '@testing-library/user-event';

/** A person at keyboard and mouse. Without the check of pointer-events, which jsdom takes a second for with Grafana's styles. */
export function setupUser() {
  return userEvent.setup({ delay: null, pointerEventsCheck: PointerEventsCheckLevel.Never });
}
