export * from './common.ts';
export * from './alert.ts';
export * from './action.ts';
export * from './incident.ts';
export * from './service.ts';
export * from './agent.ts';
export * from './sms.ts';
export * from './doctor.ts';
