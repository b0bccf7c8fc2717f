import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def copy_partners(apps, schema_editor):
    database = schema_editor.connection.alias
    notifications = apps.get_model("scanforpay", "Notification").objects.using(database)
    orders = apps.get_model("scanforpay", "Order").objects.using(database)
    partner = orders.filter(pk=OuterRef("order_id")).values("partner_id")
    notifications.filter(partner=None).update(partner_id=Subquery(partner))


def partner_field(**options):
    return models.ForeignKey(
        db_index=False,
        editable=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="notifications",
        to="scanforpay.partner",
        verbose_name="partner",
        **options,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('scanforpay', '0003_clocks_and_held_calls'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='notification',
            name='scanforpay_notification_due',
        ),
        migrations.AddField(
            model_name='endpoint',
            name='cap',
            field=models.PositiveIntegerField(editable=False, help_text='how many sends may be in flight; null: as many as to begin with', null=True),
        ),
        migrations.AddField(model_name='notification', name='partner', field=partner_field(null=True)),
        migrations.RunPython(copy_partners, migrations.RunPython.noop),
        migrations.AlterField(model_name='notification', name='partner', field=partner_field()),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('attempt_count__gte', 0), ('state', 'pending')), fields=['next_at'], name='scanforpay_notification_due'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('schedule_start__gte', 0), ('state', 'pending')), fields=['partner', 'endpoint', 'next_at'], name='scanforpay_notification_queue'),
        ),
    ]
