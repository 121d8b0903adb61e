/** How a field is written on the wire: as it is, as `YYYY-MM-DD HH:MM:SS` in UTC, or as `[id, name]` of a user. */
export type FieldKind = 'plain' | 'datetime' | 'user';

export interface Model {
  /** `_description` in Odoo, for its messages. */
  title: string;
  table: string;
  /** Column that is the record's display_name. */
  nameColumn: string;
  fields: Readonly<Record<string, FieldKind>>;
  /** Fields that may be written. */
  writable: Readonly<Record<string, 'boolean'>>;
}

/** The models that DFR Ops speaks to, with the fields that the tables have. */
export const models: Readonly<Record<string, Model>> = {
  'ir.cron': {
    title: 'Scheduled Actions',
    table: 'ir_cron',
    nameColumn: 'cron_name',
    fields: {
      id: 'plain',
      cron_name: 'plain',
      active: 'plain',
      interval_number: 'plain',
      interval_type: 'plain',
      priority: 'plain',
      failure_count: 'plain',
      user_id: 'user',
      nextcall: 'datetime',
      lastcall: 'datetime',
      first_failure_date: 'datetime',
      create_date: 'datetime',
      write_date: 'datetime',
    },
    writable: { active: 'boolean' },
  },
  'mail.mail': {
    title: 'Outgoing Mails',
    table: 'mail_mail',
    nameColumn: 'email_to',
    fields: {
      id: 'plain',
      email_from: 'plain',
      email_to: 'plain',
      state: 'plain',
      failure_type: 'plain',
      failure_reason: 'plain',
      scheduled_date: 'datetime',
      create_date: 'datetime',
      write_date: 'datetime',
    },
    writable: {},
  },
  'queue.job': {
    title: 'Queue Job',
    table: 'queue_job',
    nameColumn: 'name',
    fields: {
      id: 'plain',
      uuid: 'plain',
      name: 'plain',
      model_name: 'plain',
      method_name: 'plain',
      channel: 'plain',
      state: 'plain',
      retry: 'plain',
      max_retries: 'plain',
      exc_info: 'plain',
      user_id: 'user',
      date_created: 'datetime',
      date_enqueued: 'datetime',
      date_started: 'datetime',
      date_done: 'datetime',
    },
    writable: {},
  },
  'res.users': {
    title: 'User',
    table: 'res_users',
    nameColumn: 'login',
    fields: {
      id: 'plain',
      login: 'plain',
      active: 'plain',
      share: 'plain',
      create_date: 'datetime',
      write_date: 'datetime',
    },
    writable: { active: 'boolean' },
  },
  'ir.module.module': {
    title: 'Module',
    table: 'ir_module_module',
    nameColumn: 'name',
    fields: { id: 'plain', name: 'plain', state: 'plain', latest_version: 'plain' },
    writable: {},
  },
  'ir.model.data': {
    title: 'Model Data',
    table: 'ir_model_data',
    nameColumn: 'name',
    fields: { id: 'plain', module: 'plain', name: 'plain', model: 'plain', res_id: 'plain' },
    writable: {},
  },
};

/** Models that come with a module of their own; where it is not installed there is no such model. */
export const modelModules: Readonly<Record<string, string>> = { 'queue.job': 'queue_job' };
