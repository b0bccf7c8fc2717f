"""Partial indexes begin with their condition's columns on MySQL and MariaDB, which index all rows. Other databases
keep theirs as they are.
"""

import scanforpay_django.indexes
import scanforpay_django.state_only
from django.db import migrations, models


def make_again(apps, schema_editor):
    if schema_editor.connection.features.supports_partial_indexes:
        return
    notification = apps.get_model("scanforpay", "Notification")
    # InnoDB wants an index that begins with the foreign key: it was the one of the queue.
    schema_editor.add_index(
        notification, models.Index(fields=["partner"], name="scanforpay_notification_partner")
    )
    for model in apps.get_app_config("scanforpay").get_models():
        for index in model._meta.indexes:
            if isinstance(index, scanforpay_django.indexes.PartialIndex):
                schema_editor.remove_index(model, index)
                schema_editor.add_index(model, index)


class Migration(migrations.Migration):

    dependencies = [("scanforpay", "0007_endpoint_index")]

    operations = [
        scanforpay_django.state_only.StateOnly(
            [
                migrations.RemoveIndex(
                    model_name='flag',
                    name='scanforpay_flag_open',
                ),
                migrations.RemoveIndex(
                    model_name='handlercall',
                    name='scanforpay_handler_call_due',
                ),
                migrations.RemoveIndex(
                    model_name='handlercall',
                    name='scanforpay_handler_given_up',
                ),
                migrations.RemoveIndex(
                    model_name='notification',
                    name='scanforpay_notification_leased',
                ),
                migrations.RemoveIndex(
                    model_name='notification',
                    name='scanforpay_notification_due',
                ),
                migrations.RemoveIndex(
                    model_name='notification',
                    name='scanforpay_notification_queue',
                ),
                migrations.RemoveIndex(
                    model_name='order',
                    name='scanforpay_order_expiry',
                ),
                migrations.RemoveIndex(
                    model_name='payment',
                    name='scanforpay_payment_due',
                ),
                migrations.RemoveIndex(
                    model_name='payment',
                    name='scanforpay_payment_expiry',
                ),
                migrations.RemoveIndex(
                    model_name='payment',
                    name='scanforpay_payment_unapplied',
                ),
                migrations.RemoveIndex(
                    model_name='platformnotification',
                    name='scanforpay_platform_waiting',
                ),
                migrations.RemoveIndex(
                    model_name='refund',
                    name='scanforpay_refund_due',
                ),
                migrations.AddIndex(
                    model_name='flag',
                    index=scanforpay_django.indexes.PartialIndex(condition=models.Q(('cleared_at__isnull', True)), fields=['id'], mysql_fields=['cleared_at', 'id'], name='scanforpay_flag_open'),
                ),
                migrations.AddIndex(
                    model_name='handlercall',
                    index=scanforpay_django.indexes.PartialIndex(condition=models.Q(('state', 'pending')), fields=['next_at'], mysql_fields=['state', 'next_at'], name='scanforpay_handler_call_due'),
                ),
                migrations.AddIndex(
                    model_name='handlercall',
                    index=scanforpay_django.indexes.PartialIndex(condition=models.Q(('state', 'exhausted')), fields=['id'], mysql_fields=['state', 'id'], name='scanforpay_handler_given_up'),
                ),
                migrations.AddIndex(
                    model_name='notification',
                    index=scanforpay_django.indexes.PartialIndex(condition=models.Q(('attempt_count__gte', 0), ('state', 'pending')), fields=['next_at'], mysql_fields=['state', 'next_at'], name='scanforpay_notification_due'),
                ),
                migrations.AddIndex(
                    model_name='notification',
                    index=scanforpay_django.indexes.PartialIndex(condition=models.Q(('schedule_start__gte', 0), ('state', 'pending')), fields=['partner', 'endpoint', 'next_at'], mysql_fields=['state', 'partner', 'endpoint', 'next_at'], name='scanforpay_notification_queue'),
                ),
                migrations.AddIndex(
                    model_name='notification',
                    index=scanforpay_django.indexes.PartialIndex(condition=models.Q(('state', 'pending'), ('lease_until__isnull', False)), fields=['endpoint'], mysql_fields=['lease_until', 'endpoint'], name='scanforpay_notification_leased'),
                ),
                migrations.AddIndex(
                    model_name='order',
                    index=scanforpay_django.indexes.PartialIndex(condition=models.Q(('state', 'pending')), fields=['expires_at'], mysql_fields=['state', 'expires_at'], name='scanforpay_order_expiry'),
                ),
                migrations.AddIndex(
                    model_name='payment',
                    index=scanforpay_django.indexes.PartialIndex(condition=models.Q(('state__in', ['created', 'open', 'closing'])), fields=['next_query_at'], mysql_fields=['state', 'next_query_at'], name='scanforpay_payment_due'),
                ),
                migrations.AddIndex(
                    model_name='payment',
                    index=scanforpay_django.indexes.PartialIndex(condition=models.Q(('state__in', ['created', 'open', 'closing'])), fields=['expires_at'], mysql_fields=['state', 'expires_at'], name='scanforpay_payment_expiry'),
                ),
                migrations.AddIndex(
                    model_name='payment',
                    index=scanforpay_django.indexes.PartialIndex(condition=models.Q(('is_unapplied', True)), fields=['id'], mysql_fields=['is_unapplied', 'id'], name='scanforpay_payment_unapplied'),
                ),
                migrations.AddIndex(
                    model_name='platformnotification',
                    index=scanforpay_django.indexes.PartialIndex(condition=models.Q(('outcome__in', ('', 'unknown', 'refused', 'incomplete'))), fields=['received_at'], mysql_fields=['outcome', 'received_at'], name='scanforpay_platform_waiting'),
                ),
                migrations.AddIndex(
                    model_name='refund',
                    index=scanforpay_django.indexes.PartialIndex(condition=models.Q(('finished_at__isnull', True)), fields=['next_at'], mysql_fields=['finished_at', 'next_at'], name='scanforpay_refund_due'),
                ),
            ],
        ),
        # MySQL has no transaction around CREATE INDEX.
        migrations.RunPython(make_again, migrations.RunPython.noop, atomic=False),
    ]
