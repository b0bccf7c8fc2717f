"""Coupons, reversals and refunds as bills list them, and changes of bills for tests."""

import django.db.models.deletion
import scanforpay_django.clock
import scanforpay_django.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scanforpay_sandbox', '0003_moments'),
    ]

    operations = [
        migrations.AddField(
            model_name='refund',
            name='abnormal_at',
            field=scanforpay_django.fields.MomentField(null=True),
        ),
        migrations.AddField(
            model_name='refund',
            name='coupon',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='trade',
            name='coupon',
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='trade',
            name='coupon_paid_by',
            field=models.CharField(blank=True, choices=[('platform', 'the platform: the merchant receives the whole order'), ('merchant', 'the merchant: it receives less')], max_length=8),
        ),
        migrations.AddField(
            model_name='trade',
            name='revoked_at',
            field=scanforpay_django.fields.MomentField(null=True),
        ),
        migrations.CreateModel(
            name='BillEdit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('day', models.DateField()),
                ('act', models.CharField(choices=[('set', 'another value in a line'), ('delete', 'a line is missing'), ('double', 'a line stands there twice'), ('total', 'another value in the totals'), ('cut', 'the file ends in the middle'), ('late', 'the bill is published later than others')], max_length=6)),
                ('number', scanforpay_django.fields.ExactCharField(blank=True, max_length=64)),
                ('line', models.CharField(blank=True, max_length=7)),
                ('field', models.CharField(blank=True, max_length=40)),
                ('value', models.CharField(blank=True, max_length=200)),
                ('published_at', scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now)),
                ('merchant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bill_edits', to='scanforpay_sandbox.merchant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Coupon',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', models.BigIntegerField()),
                ('paid_by', models.CharField(choices=[('platform', 'the platform: the merchant receives the whole order'), ('merchant', 'the merchant: it receives less')], max_length=8)),
                ('remaining', models.PositiveIntegerField(default=1)),
                ('created_at', scanforpay_django.fields.MomentField(default=scanforpay_django.clock.now)),
                ('merchant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='coupons', to='scanforpay_sandbox.merchant')),
                ('trade', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='coupons', to='scanforpay_sandbox.trade')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
    ]
