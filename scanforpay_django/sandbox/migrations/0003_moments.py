"""Columns of moments stay as they are in every database: only what Django makes of them changes."""

import scanforpay_django.clock
import scanforpay_django.fields
import scanforpay_django.state_only
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('scanforpay_sandbox', '0002_notice_sent_at'),
    ]

    operations = [
        scanforpay_django.state_only.StateOnly(
            [
                migrations.AlterModelOptions(
                    name='notice',
                    options={'base_manager_name': 'objects'},
                ),
                migrations.AlterModelOptions(
                    name='oauthcode',
                    options={'base_manager_name': 'objects'},
                ),
                migrations.AlterModelOptions(
                    name='prepay',
                    options={'base_manager_name': 'objects'},
                ),
                migrations.AlterModelOptions(
                    name='sandboxfault',
                    options={'base_manager_name': 'objects'},
                ),
                migrations.AlterField(
                    model_name='merchant',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now),
                ),
                migrations.AlterField(
                    model_name='notice',
                    name='acknowledged_at',
                    field=scanforpay_django.fields.MomentField(null=True),
                ),
                migrations.AlterField(
                    model_name='notice',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now),
                ),
                migrations.AlterField(
                    model_name='notice',
                    name='sent_at',
                    field=scanforpay_django.fields.MomentField(null=True),
                ),
                migrations.AlterField(
                    model_name='oauthcode',
                    name='expires_at',
                    field=scanforpay_django.fields.MomentField(),
                ),
                migrations.AlterField(
                    model_name='oauthcode',
                    name='used_at',
                    field=scanforpay_django.fields.MomentField(null=True),
                ),
                migrations.AlterField(
                    model_name='platformkey',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now),
                ),
                migrations.AlterField(
                    model_name='prepay',
                    name='expires_at',
                    field=scanforpay_django.fields.MomentField(),
                ),
                migrations.AlterField(
                    model_name='refund',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now),
                ),
                migrations.AlterField(
                    model_name='refund',
                    name='finished_at',
                    field=scanforpay_django.fields.MomentField(null=True),
                ),
                migrations.AlterField(
                    model_name='sandboxfault',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now),
                ),
                migrations.AlterField(
                    model_name='trade',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now),
                ),
                migrations.AlterField(
                    model_name='trade',
                    name='expires_at',
                    field=scanforpay_django.fields.MomentField(),
                ),
                migrations.AlterField(
                    model_name='trade',
                    name='opened_at',
                    field=scanforpay_django.fields.MomentField(null=True),
                ),
                migrations.AlterField(
                    model_name='trade',
                    name='paid_at',
                    field=scanforpay_django.fields.MomentField(null=True),
                ),
            ],
        ),
    ]
