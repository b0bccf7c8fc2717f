from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('scanforpay', '0026_bill_fees'),
    ]

    operations = [
        migrations.RenameField(model_name='billproblem', old_name='told', new_name='stated'),
    ]
