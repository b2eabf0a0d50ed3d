from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0015_no_plain_digest_left'),
    ]

    operations = [migrations.AddField('businessrecord', 'said_by', models.UUIDField(null=True))]
