from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0004_sheets'),
    ]

    operations = [
        migrations.AddField(
            model_name='businessrecord',
            name='late_reason',
            field=models.CharField(blank=True, max_length=300),
        ),
    ]
