import type { DoctorCheck } from '@dfr-ops/contracts';

export const ok = (name: string, text: string): DoctorCheck => ({ name, state: 'ok', text, remedy: null });
export const warning = (name: string, text: string, remedy: string): DoctorCheck => ({
  name,
  state: 'warning',
  text,
  remedy,
});
export const failed = (name: string, text: string, remedy: string): DoctorCheck => ({
  name,
  state: 'failed',
  text,
  remedy,
});
