"""Columns of moments stay as they are in every database: only what Django makes of them changes."""

import scanforpay_django.clock
import scanforpay_django.fields
import scanforpay_django.models.moments
import scanforpay_django.state_only
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('scanforpay', '0009_long_user_names'),
    ]

    operations = [
        scanforpay_django.state_only.StateOnly(
            [
                migrations.AlterModelOptions(
                    name='numberkey',
                    options={'base_manager_name': 'objects'},
                ),
                migrations.AlterModelOptions(
                    name='ordermetadata',
                    options={'base_manager_name': 'objects'},
                ),
                migrations.AlterModelOptions(
                    name='periodicrun',
                    options={'base_manager_name': 'objects'},
                ),
                migrations.AlterField(
                    model_name='archivednumber',
                    name='archived_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now),
                ),
                migrations.AlterField(
                    model_name='archivednumber',
                    name='noticed_at',
                    field=scanforpay_django.fields.MomentField(db_index=True, help_text='when a platform last sent something about it', null=True),
                ),
                migrations.AlterField(
                    model_name='askedorder',
                    name='at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now),
                ),
                migrations.AlterField(
                    model_name='auditmark',
                    name='at',
                    field=scanforpay_django.fields.MomentField(db_default=scanforpay_django.models.moments.DatabaseNow()),
                ),
                migrations.AlterField(
                    model_name='endpoint',
                    name='delivered_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='last delivered'),
                ),
                migrations.AlterField(
                    model_name='endpoint',
                    name='failed_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='last failed'),
                ),
                migrations.AlterField(
                    model_name='endpoint',
                    name='next_probe_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='next probe'),
                ),
                migrations.AlterField(
                    model_name='endpoint',
                    name='open_since',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='breaker open since'),
                ),
                migrations.AlterField(
                    model_name='endpoint',
                    name='recovered_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='breaker last closed'),
                ),
                migrations.AlterField(
                    model_name='endpoint',
                    name='refilled_at',
                    field=scanforpay_django.fields.MomentField(blank=True, editable=False, null=True),
                ),
                migrations.AlterField(
                    model_name='flag',
                    name='cleared_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='cleared at'),
                ),
                migrations.AlterField(
                    model_name='flag',
                    name='raised_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='raised at'),
                ),
                migrations.AlterField(
                    model_name='handlercall',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='created'),
                ),
                migrations.AlterField(
                    model_name='handlercall',
                    name='finished_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='finished at'),
                ),
                migrations.AlterField(
                    model_name='handlercall',
                    name='next_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, verbose_name='next attempt'),
                ),
                migrations.AlterField(
                    model_name='hostclock',
                    name='at',
                    field=scanforpay_django.fields.MomentField(verbose_name='seen at'),
                ),
                migrations.AlterField(
                    model_name='logo',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='created'),
                ),
                migrations.AlterField(
                    model_name='notification',
                    name='alarmed_at',
                    field=scanforpay_django.fields.MomentField(blank=True, help_text='Given up: the merchant does not know of the payment.', null=True, verbose_name='given up at'),
                ),
                migrations.AlterField(
                    model_name='notification',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='created'),
                ),
                migrations.AlterField(
                    model_name='notification',
                    name='delivered_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='delivered at'),
                ),
                migrations.AlterField(
                    model_name='notification',
                    name='learned_at',
                    field=scanforpay_django.fields.MomentField(blank=True, help_text='When payQuery was first answered “paid” after an attempt had failed: no alarm is raised then.', null=True, verbose_name='learned by query at'),
                ),
                migrations.AlterField(
                    model_name='notification',
                    name='lease_until',
                    field=scanforpay_django.fields.MomentField(blank=True, editable=False, null=True),
                ),
                migrations.AlterField(
                    model_name='notification',
                    name='mailed_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='partner mailed at'),
                ),
                migrations.AlterField(
                    model_name='notification',
                    name='next_at',
                    field=scanforpay_django.fields.MomentField(db_default=scanforpay_django.models.moments.DatabaseNow(), verbose_name='next attempt'),
                ),
                migrations.AlterField(
                    model_name='notificationattempt',
                    name='started_at',
                    field=scanforpay_django.fields.MomentField(db_default=scanforpay_django.models.moments.DatabaseNow(), verbose_name='started'),
                ),
                migrations.AlterField(
                    model_name='oauthstate',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now),
                ),
                migrations.AlterField(
                    model_name='oauthstate',
                    name='used_at',
                    field=scanforpay_django.fields.MomentField(null=True),
                ),
                migrations.AlterField(
                    model_name='order',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='created'),
                ),
                migrations.AlterField(
                    model_name='order',
                    name='expires_at',
                    field=scanforpay_django.fields.MomentField(verbose_name='expires'),
                ),
                migrations.AlterField(
                    model_name='order',
                    name='paid_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='paid at'),
                ),
                migrations.AlterField(
                    model_name='order',
                    name='returned_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='customer returned at'),
                ),
                migrations.AlterField(
                    model_name='orderevent',
                    name='at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='when'),
                ),
                migrations.AlterField(
                    model_name='partner',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='created'),
                ),
                migrations.AlterField(
                    model_name='payment',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='created'),
                ),
                migrations.AlterField(
                    model_name='payment',
                    name='expires_at',
                    field=scanforpay_django.fields.MomentField(verbose_name='expires'),
                ),
                migrations.AlterField(
                    model_name='payment',
                    name='failing_since',
                    field=scanforpay_django.fields.MomentField(editable=False, help_text="when the platform's answers began to be missing or unusable", null=True),
                ),
                migrations.AlterField(
                    model_name='payment',
                    name='next_query_at',
                    field=scanforpay_django.fields.MomentField(blank=True, editable=False, null=True, verbose_name='next query'),
                ),
                migrations.AlterField(
                    model_name='payment',
                    name='paid_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='paid at'),
                ),
                migrations.AlterField(
                    model_name='payment',
                    name='prepay_expires_at',
                    field=scanforpay_django.fields.MomentField(blank=True, editable=False, null=True),
                ),
                migrations.AlterField(
                    model_name='payment',
                    name='queried_at',
                    field=scanforpay_django.fields.MomentField(blank=True, editable=False, null=True, verbose_name='last queried'),
                ),
                migrations.AlterField(
                    model_name='periodicrun',
                    name='at',
                    field=scanforpay_django.fields.MomentField(),
                ),
                migrations.AlterField(
                    model_name='platformnotification',
                    name='received_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='received'),
                ),
                migrations.AlterField(
                    model_name='refund',
                    name='answered_at',
                    field=scanforpay_django.fields.MomentField(editable=False, help_text='when the merchant was first answered that it is in progress', null=True),
                ),
                migrations.AlterField(
                    model_name='refund',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='created'),
                ),
                migrations.AlterField(
                    model_name='refund',
                    name='failing_since',
                    field=scanforpay_django.fields.MomentField(editable=False, help_text="when the platform's answers began to be missing or unusable", null=True),
                ),
                migrations.AlterField(
                    model_name='refund',
                    name='finished_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='finished at'),
                ),
                migrations.AlterField(
                    model_name='refund',
                    name='held_until',
                    field=scanforpay_django.fields.MomentField(editable=False, null=True),
                ),
                migrations.AlterField(
                    model_name='refund',
                    name='next_at',
                    field=scanforpay_django.fields.MomentField(blank=True, default=scanforpay_django.clock.now, null=True, verbose_name='next step'),
                ),
                migrations.AlterField(
                    model_name='refund',
                    name='sent_at',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='sent at'),
                ),
                migrations.AlterField(
                    model_name='restoremark',
                    name='at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, verbose_name='restored at'),
                ),
                migrations.AlterField(
                    model_name='seenrequest',
                    name='seen_at',
                    field=scanforpay_django.fields.MomentField(db_index=True, default=scanforpay_django.clock.now),
                ),
                migrations.AlterField(
                    model_name='signkey',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='created'),
                ),
                migrations.AlterField(
                    model_name='signkey',
                    name='last_used_at',
                    field=scanforpay_django.fields.MomentField(blank=True, editable=False, null=True, verbose_name='last used'),
                ),
                migrations.AlterField(
                    model_name='signkey',
                    name='valid_from',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, verbose_name='valid from'),
                ),
                migrations.AlterField(
                    model_name='signkey',
                    name='valid_until',
                    field=scanforpay_django.fields.MomentField(blank=True, null=True, verbose_name='valid until'),
                ),
                migrations.AlterField(
                    model_name='store',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='created'),
                ),
                migrations.AlterField(
                    model_name='walletaccount',
                    name='created_at',
                    field=scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now, editable=False, verbose_name='created'),
                ),
                migrations.AlterField(
                    model_name='walletaccount',
                    name='updated_at',
                    field=scanforpay_django.fields.MomentField(auto_now=True, verbose_name='changed'),
                ),
            ],
        ),
    ]
