import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.functions.datetime
from django.db import migrations, models

import veta.kernel.ids
from veta.storage.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('node', '0011_reversed'),
    ]

    operations = [
        migrations.CreateModel(
            name='SignedRequest',
            fields=[
                ('id', models.UUIDField(default=veta.kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('digest', models.BinaryField(max_length=32)),
                ('signature', models.BinaryField(max_length=64)),
                ('movements', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'indexes': [
                    models.Index(fields=['digest'], name='node_request_digest'),
                    django.contrib.postgres.indexes.GinIndex(fields=['movements'], name='node_request_movements'),
                ],
            },
        ),
        append_only("node_signedrequest"),
    ]
