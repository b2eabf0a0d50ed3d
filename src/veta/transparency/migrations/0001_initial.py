import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import veta.transparency.models
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Group',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('xid', veta.transparency.models.TransactionIdField()),
                ('received_at', models.DateTimeField()),
                ('size', models.IntegerField()),
                ('leaves', models.BinaryField()),
                ('root', models.BinaryField()),
                ('signature', models.BinaryField()),
                ('key_id', models.TextField()),
            ],
            options={
                'db_table': 'transparency_group',
            },
        ),
        migrations.CreateModel(
            name='LogGroup',
            fields=[
                ('group', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='transparency.group')),
                ('first_index', models.BigIntegerField(unique=True)),
                ('size', models.IntegerField()),
                ('end_index', models.GeneratedField(db_persist=True, expression=django.db.models.expressions.CombinedExpression(models.F('first_index'), '+', models.F('size')), output_field=models.BigIntegerField(), unique=True)),
                ('numbered_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'transparency_log_group',
            },
        ),
        migrations.AddIndex(
            model_name='group',
            index=models.Index(fields=['xid'], name='transparency_group_xid'),
        ),
        migrations.AddConstraint(
            model_name='group',
            constraint=models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='transparency_group_size'),
        ),
        migrations.AddConstraint(
            model_name='loggroup',
            constraint=models.CheckConstraint(condition=models.Q(('first_index__gte', 0), ('size__gt', 0)), name='transparency_log_group_forward'),
        ),
    ]
