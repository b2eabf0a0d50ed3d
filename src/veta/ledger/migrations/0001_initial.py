import django.contrib.postgres.fields
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='LotSuspension',
            fields=[
                ('pk', models.CompositePrimaryKey('lot', 'act', blank=True, editable=False, primary_key=True, serialize=False)),
                ('act', models.UUIDField()),
                ('lot', models.UUIDField()),
            ],
            options={
                'db_table': 'ledger_lot_suspension',
            },
        ),
        migrations.CreateModel(
            name='Origin',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('kind', models.TextField()),
                ('code', models.TextField(null=True)),
                ('municipality', models.TextField(null=True)),
                ('person', models.UUIDField(null=True)),
            ],
            options={
                'db_table': 'ledger_origin',
            },
        ),
        migrations.CreateModel(
            name='SuspensionLift',
            fields=[
                ('act', models.UUIDField(primary_key=True, serialize=False)),
                ('movement', models.UUIDField()),
            ],
            options={
                'db_table': 'ledger_suspension_lift',
            },
        ),
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('commodity', models.TextField()),
                ('kind', models.TextField()),
                ('holder', models.UUIDField(null=True)),
                ('received', models.BigIntegerField(db_default=0)),
                ('released', models.BigIntegerField(db_default=0)),
                ('held', models.BigIntegerField(db_default=0)),
            ],
            options={
                'db_table': 'ledger_account',
                'constraints': [models.UniqueConstraint(fields=('id', 'commodity'), name='ledger_account_commodity'), models.CheckConstraint(condition=models.Q(('held__gte', 0), ('received__gte', django.db.models.expressions.CombinedExpression(models.F('released'), '+', models.F('held'))), ('released__gte', 0)), name='ledger_account_not_over_released'), models.CheckConstraint(condition=models.Q(('kind__in', ('lot', 'quota')), models.Q(('held', 0), ('holder__isnull', True), ('kind__in', ('grant', 'excess', 'extraction', 'documented', 'unproven', 'used', 'export', 'consumption', 'loss', 'process', 'weighing')), ('received', 0), ('released', 0)), _connector='OR'), name='ledger_account_kind')],
            },
        ),
        migrations.CreateModel(
            name='Composition',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('origins', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
                ('weights', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('total', models.BigIntegerField()),
            ],
            options={
                'db_table': 'ledger_composition',
                'constraints': [models.CheckConstraint(condition=models.Q(('total__gt', 0)), name='ledger_composition_total')],
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('pk', models.CompositePrimaryKey('movement', 'seq', blank=True, editable=False, primary_key=True, serialize=False)),
                ('movement', models.UUIDField()),
                ('seq', models.SmallIntegerField()),
                ('source', models.UUIDField()),
                ('target', models.UUIDField()),
                ('commodity', models.TextField()),
                ('amount', models.BigIntegerField()),
            ],
            options={
                'db_table': 'ledger_entry',
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='ledger_entry_amount'), models.CheckConstraint(condition=models.Q(('source', models.F('target')), _negated=True), name='ledger_entry_two_accounts')],
            },
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('account', models.UUIDField(primary_key=True, serialize=False)),
                ('mineral', models.TextField()),
                ('origin', models.UUIDField(null=True)),
                ('composition', models.UUIDField(null=True)),
                ('accreditation', models.TextField()),
                ('municipality', models.TextField(null=True)),
                ('facility', models.TextField(null=True)),
                ('movement', models.UUIDField()),
                ('occurred_at', models.DateTimeField()),
                ('fineness', models.IntegerField(null=True)),
                ('grade', models.TextField(null=True)),
                ('processed_by', models.UUIDField(null=True)),
            ],
            options={
                'db_table': 'ledger_lot',
                'constraints': [models.CheckConstraint(condition=models.Q(('accreditation__in', ('accredited', 'documented', 'mixed', 'disused', 'unproven', 'seized'))), name='ledger_lot_accreditation'), models.CheckConstraint(condition=models.Q(models.Q(('composition__isnull', False), ('origin__isnull', True)), models.Q(('composition__isnull', True), ('origin__isnull', False)), _connector='OR'), name='ledger_lot_origin_or_composition'), models.CheckConstraint(condition=models.Q(('fineness__isnull', True), models.Q(('fineness__gt', 0), ('fineness__lte', 1000000)), _connector='OR'), name='ledger_lot_fineness')],
            },
        ),
        migrations.CreateModel(
            name='LotParent',
            fields=[
                ('pk', models.CompositePrimaryKey('parent', 'child', blank=True, editable=False, primary_key=True, serialize=False)),
                ('parent', models.UUIDField()),
                ('child', models.UUIDField()),
                ('movement', models.UUIDField()),
            ],
            options={
                'db_table': 'ledger_lot_parent',
                'indexes': [models.Index(fields=['child'], name='ledger_lot_parent_child')],
                'constraints': [models.CheckConstraint(condition=models.Q(('parent', models.F('child')), _negated=True), name='ledger_lot_parent_two_lots')],
            },
        ),
        migrations.CreateModel(
            name='Quota',
            fields=[
                ('account', models.UUIDField(primary_key=True, serialize=False)),
                ('subject', models.UUIDField()),
                ('basis', models.TextField()),
                ('quota_group', models.TextField()),
                ('period_start', models.DateField()),
                ('period_end', models.DateField()),
                ('source', models.TextField()),
            ],
            options={
                'db_table': 'ledger_quota',
                'constraints': [models.CheckConstraint(condition=models.Q(('basis__in', ('title_year', 'title_quarter', 'person_month', 'person_year'))), name='ledger_quota_basis'), models.CheckConstraint(condition=models.Q(('period_end__gte', models.F('period_start'))), name='ledger_quota_period')],
            },
        ),
    ]
