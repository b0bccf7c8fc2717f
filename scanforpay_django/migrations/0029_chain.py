import scanforpay_django.clock
import scanforpay_django.fields
from django.db import migrations, models

from scanforpay_django.models.append_only_guard import LINKS, install_guard, remove_guard


def install(apps, schema_editor):
    # A migration that makes this table anew on SQLite has to do it again.
    install_guard(schema_editor.connection, LINKS)


def remove(apps, schema_editor):
    remove_guard(schema_editor.connection, LINKS)


class Migration(migrations.Migration):

    dependencies = [
        ('scanforpay', '0028_recovery'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChainRoot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(unique=True, verbose_name='day')),
                ('number', models.BigIntegerField(verbose_name='link')),
                ('mac', scanforpay_django.fields.ExactCharField(max_length=64)),
                ('link_count', models.BigIntegerField(verbose_name='links')),
                ('fingerprint', scanforpay_django.fields.ExactCharField(max_length=16)),
                ('signature', scanforpay_django.fields.ExactCharField(max_length=128)),
                ('made_at', scanforpay_django.fields.MomentField(default=scanforpay_django.clock.host_now)),
                ('mail_leased_until', scanforpay_django.fields.MomentField(null=True)),
                ('mailed_at', scanforpay_django.fields.MomentField(null=True)),
            ],
            options={
                'verbose_name': 'root of the chain',
                'verbose_name_plural': 'roots of the chain',
            },
        ),
        migrations.CreateModel(
            name='ChainWriter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20, unique=True)),
                ('turns', models.BigIntegerField(default=0)),
                ('at', scanforpay_django.fields.MomentField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='ChainLink',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('segment', models.PositiveIntegerField()),
                ('act', models.CharField(choices=[('row', 'Row'), ('removed', 'Removed'), ('restored', 'Restored'), ('erased', 'Erased'), ('segment', 'Segment'), ('horizon', 'Horizon')], max_length=10)),
                ('kind', models.CharField(blank=True, max_length=12)),
                ('row_pk', models.BigIntegerField()),
                ('last_pk', models.BigIntegerField(null=True)),
                ('linked_at', scanforpay_django.fields.MomentField(default=scanforpay_django.clock.host_now)),
                ('content', models.TextField()),
                ('mac', scanforpay_django.fields.ExactCharField(max_length=64)),
            ],
            options={
                'ordering': ['number'],
                'indexes': [models.Index(fields=['act', 'kind', 'row_pk'], name='scanforpay_chain_row')],
            },
        ),
        migrations.RunPython(install, remove),
    ]
