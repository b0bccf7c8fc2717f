from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('scanforpay', '0030_refunds_asked'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='workerbeat',
            options={'permissions': [('view_health', 'Can see the health of the installation')]},
        ),
    ]
