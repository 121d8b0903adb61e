# Read by `odoo shell`, which gives `env`.
with open('/run/secrets/odoo_admin_password') as secret:
    env.ref('base.user_admin').password = secret.read().strip()  # noqa: F821
env['ir.config_parameter'].set_param('dfr_ops.prepared', '1')  # noqa: F821
env.cr.commit()  # noqa: F821
